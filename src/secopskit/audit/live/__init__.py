"""Live facts, each asked for by its own option: of a database, of GitHub, of this host's ports."""
