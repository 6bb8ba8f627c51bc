"""The terminal: who is asked there, what is said and drawn, and where a report goes."""
