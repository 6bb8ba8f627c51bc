"""Findings that somebody already judged: baselines, ignore files, allow comments."""
