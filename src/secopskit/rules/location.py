"""Where the rules that come with secops stand."""

from __future__ import annotations

import os


def builtin_directory() -> str:
    """In an installed package beside this module, in a checkout the `rules/` at its top."""
    here = os.path.dirname(os.path.abspath(__file__))
    shipped = os.path.join(here, "builtin")
    return (
        shipped if os.path.isdir(shipped) else os.path.abspath(os.path.join(here, "..", "..", "..", "rules"))
    )
