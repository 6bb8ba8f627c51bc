"""Compose files merged into services: trees with places, merging, what starts together."""
