"""`secops sync-secrets`: secrets and variables brought to where they are read."""
