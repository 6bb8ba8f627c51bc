"""secops: secrets hygiene on the command line."""

__version__ = "0.1.0"
