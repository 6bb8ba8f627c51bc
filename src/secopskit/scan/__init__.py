"""Scanning: sources x detectors, through one sieve, to a result."""
