"""`secops purge-history`: leaked values out of the whole history."""
