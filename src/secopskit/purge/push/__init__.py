"""What the remotes are to get, and what must not come back from them."""
