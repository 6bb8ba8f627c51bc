"""detect-secrets' plugins, adapted: their judgement, our positions and values."""
