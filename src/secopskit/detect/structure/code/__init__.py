"""Detectors of program code: settings in it, and calls that are given values."""
