"""Rules about services and the stacks they run in: what is open, what points at what, what is kept."""
