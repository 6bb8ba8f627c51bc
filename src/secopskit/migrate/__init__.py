"""Migrations of a PostgreSQL database that can be trusted with production."""
