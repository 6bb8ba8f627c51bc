"""Content through the detectors: what is looked for, where, and what was found."""
