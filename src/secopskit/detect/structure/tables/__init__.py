"""Detectors for tables, of SQL and of text."""
