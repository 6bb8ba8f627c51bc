"""What a rotation under way keeps on the disk: its journal, and its values in private files."""
