"""The proof that nothing is left, and that nothing else has changed."""
