"""What a worker does with a unit: bring the repository, scan it within its limits, say what became of it."""
