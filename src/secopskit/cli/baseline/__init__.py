"""`secops baseline`: findings that are known."""
