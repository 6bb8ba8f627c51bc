"""Compiles the built-in rules for the engine that is here, to be found by whoever has this installation.

usage: python -m secopskit.detect.ready.ship_rules [FILE]
"""

from __future__ import annotations

import sys

from secopskit.detect.ready.kept_rules import ship
from secopskit.detect.ready.shipped import FILE
from secopskit.detect.structure import HINTS


def main(arguments: list[str]) -> int:
    """Write them into the file, which is else where secops looks for it."""
    ship("auto", HINTS, arguments[0] if arguments else FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
