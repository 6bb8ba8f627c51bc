"""Detectors for the configurations of servers."""
