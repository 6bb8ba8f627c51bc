"""Taking leaked values out of a repository's whole history, and proving that they are gone."""
