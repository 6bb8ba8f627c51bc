"""Rules about what others can reach or guess."""
