"""Whether chance wrote a text, or a person."""
