"""Vendors on this machine: servers that keep to the published contracts, and are stricter than those."""
