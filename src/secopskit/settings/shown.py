"""What of the findings in tests and documents is shown: a word of the settings and of the command line."""

from __future__ import annotations

from enum import Enum


class Shown(Enum):
    """How much a scan shows of what its places speak against. The value is what users write."""

    DEFAULT = "default"
    """In tests only what is of a live format; in documents what is bad enough one step down."""
    TESTS = "tests"
    """Also what stands in tests."""
    ALL = "all"
    """Whatever stands in tests, documents and examples, if it would be shown anywhere else."""
