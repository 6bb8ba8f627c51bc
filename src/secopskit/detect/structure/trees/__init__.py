"""Detectors of documents that are trees: JSON, YAML, TOML, XML, and what stands in them whatever they are."""
