"""Who brought what was found, where and when."""
