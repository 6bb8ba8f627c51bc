"""Scanning git objects in bulk: every object once, on all cores, then who brought it and when."""
