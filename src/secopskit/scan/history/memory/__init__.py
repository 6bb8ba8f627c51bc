"""What a scan of a history keeps of its findings, so that the next one need not look for them again."""
