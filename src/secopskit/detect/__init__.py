"""Detectors: bytes in, matches out. No network, no git, no clock."""
