"""Commits in order, and what each of them changed."""
