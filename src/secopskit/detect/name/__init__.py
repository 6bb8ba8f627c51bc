"""What names say about values: of settings, of variables, of functions, of a list."""
