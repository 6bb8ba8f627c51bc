"""Rules in the form of gitleaks and betterleaks (`.gitleaks.toml`), read as rules of ours: see `read`."""
