"""Plans, ledgers and outcomes as data and as Markdown."""
