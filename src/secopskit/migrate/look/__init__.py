"""A plan, looked at: dry runs, locks, hazards, drift."""
