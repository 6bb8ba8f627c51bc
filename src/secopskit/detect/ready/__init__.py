"""Rules made ready before they are needed: what is kept between runs, and what an installation carries."""
