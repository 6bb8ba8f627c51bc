"""The comparison of a sync: what is declared, what sources have, what sinks hold, what is on record."""
