"""Hardening a repository: what `secops init` writes, without touching a line of its owner."""
