"""Python: lookups, libraries that read the environment, settings classes."""
