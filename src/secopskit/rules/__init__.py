"""Rules: what a secret looks like. The rules themselves are the YAML files under `/rules`."""
