"""Completion in a shell: the scripts, and what is offered for a value."""
