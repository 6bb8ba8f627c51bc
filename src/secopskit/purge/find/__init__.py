"""Where the values stand, and what has to change for it."""
