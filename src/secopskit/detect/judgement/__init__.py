"""Settings in, matches out: what may be a secret, how far its place is trusted, and the verdict."""
