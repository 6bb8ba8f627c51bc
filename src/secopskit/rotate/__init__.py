"""Rotation: a new value made, published and seen to work before the old one is ended."""
