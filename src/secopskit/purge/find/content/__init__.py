"""The search in content: of objects, files, archives, binary formats and stored large files."""
