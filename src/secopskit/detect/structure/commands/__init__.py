"""Detectors of commands, in scripts and wherever else they stand."""
