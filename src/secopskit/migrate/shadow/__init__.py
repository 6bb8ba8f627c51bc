"""A PostgreSQL of our own, for a while: to try migrations on before anybody else's has to."""
