"""The workflows that are written, as templates: `@@NAME@@` is filled in."""
