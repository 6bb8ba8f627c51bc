"""Source code: names that are given a literal text, and calls that are handed a login or a key."""
