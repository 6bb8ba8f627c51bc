"""Whether a variable arrives where it is read, and is read where it arrives."""
