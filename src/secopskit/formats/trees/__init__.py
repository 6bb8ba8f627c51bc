"""Documents as trees: YAML, JSON, TOML, XML; and the settings in them."""
