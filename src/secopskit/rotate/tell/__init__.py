"""What is told of a rotation: its facts for machines, and the story for people."""
