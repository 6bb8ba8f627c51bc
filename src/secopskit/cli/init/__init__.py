"""`secops init`: the hardening of a repository."""
