"""Sources: where content comes from. Each yields blobs, and says what it passed over."""
