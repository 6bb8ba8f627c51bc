"""Rules about what keeps a stack running: versions, health checks, volumes."""
