"""What a purge says of itself, free of values."""
