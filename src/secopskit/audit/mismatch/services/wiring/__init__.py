"""Rules about where settings point at, and whether something answers there."""
