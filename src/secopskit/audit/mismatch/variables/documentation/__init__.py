"""What templates and documents tell about variables, and what is used."""
