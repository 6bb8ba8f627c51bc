"""`secops audit`: what a project's files say about each other."""
