"""`secops status` and `secops remediate`: how far an incident has come, and the way to its end."""
