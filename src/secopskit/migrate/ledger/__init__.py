"""What a database remembers of its migrations, and which database it is."""
