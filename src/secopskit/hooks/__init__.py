"""Git hooks: what git tells them, and putting ours where git looks for them."""
