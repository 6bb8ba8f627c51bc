"""The migration files, as text and as statements."""
