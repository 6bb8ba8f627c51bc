"""The content of a history: read, looked at, and looked at again by its names."""
