"""Git objects: read in bulk and one by one, taken apart, and written as packs."""
