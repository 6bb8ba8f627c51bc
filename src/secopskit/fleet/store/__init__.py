"""What is remembered of a fleet, in SQLite: repositories, runs, units, results, when each secret was seen."""
