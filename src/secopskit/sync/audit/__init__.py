"""The audit: what the workflows of a repository look up, held against what exists or is declared."""
