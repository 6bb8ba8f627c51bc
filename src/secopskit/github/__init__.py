"""Everything that talks to GitHub's API, and knows nothing of syncing, rotating or scanning."""
