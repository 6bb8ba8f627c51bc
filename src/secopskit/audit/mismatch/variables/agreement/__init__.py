"""Whether two places that hold the same agree."""
