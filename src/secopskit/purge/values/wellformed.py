"""Whether a structured file is still one after something in it was replaced.

Nothing is judged but what parsed before. Which file is of which format the rows of
`secopskit.detect.structure.DETECTORS` tell. Sizes are bounded; the parsers construct nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Final

from secopskit.detect.structure import DETECTORS

MAX_SIZE: Final = 2 * 1024 * 1024


class Wellformed:
    """What `data`, a file with these `paths`, is made of, to compare a changed one with."""

    def __init__(self, data: bytes, paths: Iterable[str]) -> None:
        formats = {name for path in paths for name in _formats(path)} if len(data) <= MAX_SIZE else ()
        outlines = {name: _outline(name, data) for name in formats}
        self._outlines = {name: outline for name, outline in outlines.items() if outline is not None}

    def still(self, data: bytes) -> bool:
        """Whether `data` parses as the first one did, into a structure of the same kind."""
        return all(_outline(name, data) == outline for name, outline in self._outlines.items())


def _formats(path: str) -> Iterable[str]:
    """The modules of `secopskit.formats` that outline a file of that name."""
    return (detector.outline for detector in DETECTORS if detector.outline and detector.is_named(path))


def _outline(name: str, data: bytes) -> object:
    """The structure without its texts, which may be what was replaced; None where it does not parse."""
    outline: object = import_module(f"secopskit.formats.{name}").outline(data)
    return outline
