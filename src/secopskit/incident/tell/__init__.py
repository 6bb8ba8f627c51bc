"""An incident told: its facts, and the ways to write them for people."""
