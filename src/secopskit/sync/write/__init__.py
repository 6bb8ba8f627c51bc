"""The writing of a sync: consent, journal, writes, and a look at what became of them."""
