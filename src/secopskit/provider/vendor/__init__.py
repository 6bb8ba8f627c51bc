"""What the providers of vendors with an HTTP API share: kinds of settings, a conversation, patience, URLs."""
