"""Files of ours and nobody else's: what a command must remember, kept whole, private and locked."""
