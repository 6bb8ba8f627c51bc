"""A row of the table of detectors: the files of one format, and the module that reads them."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.texts import is_texts
from secopskit.detect.structure.signs import USUAL, any_of, kind_of
from secopskit.formats.encoding import without_mark
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secopskit.findings import Blob, Match, Span

MAX_SIZE: Final = 2 * 1024 * 1024
"""Bytes of a file beyond which it is not parsed; lines of it are still matched by patterns.

Where its name alone is reason to look at it, its beginning is parsed.
"""
MAX_SIZE_IN_PIECES: Final = 16 * 1024 * 1024

# `settings.ini.example` is an INI file.
_COPIES: Final = (
    "example",
    "sample",
    "dist",
    "template",
    "tmpl",
    "tpl",
    "j2",
    "jinja",
    "erb",
    "in",
    "bak",
    "old",
    "orig",
)


@lru_cache(maxsize=16)
def name_and_suffix(path: str) -> tuple[str, str]:
    """The last part of the path in small letters, and its suffix: what twelve detectors ask in turn."""
    name = path.rpartition("/")[2].lower()
    stem, _, suffix = name.rpartition(".")
    if suffix in _COPIES and "." in stem:
        suffix = stem.rpartition(".")[2]
    return name, suffix


class FormatDetector:
    """A `Detector` for the files of one format, implemented by a module loaded on demand.

    `module` is one of this package with `detect(blob)`. A file is wanted by its suffix or its whole
    name (lists parted by blanks), or if its path matches `paths`, which is tried only where one of
    `marks` stands in its name; `unless` refuses paths, and `of_settings` those of texts for readers. A wanted
    file is parsed where one of `signs` (see `secopskit.detect.structure.signs`) stands in it, or always if
    the row is `by_name`. `by_line` says that what it finds depends on the lines with a sign and those
    around them alone; with `in_parts` as well, its module has `wholes(data, far)`, the spans that are read as
    one, and all else can be read near its signs. With `in_pieces`, its module passes over pieces of a file
    that are far from all signs. `far` says whether one of `far_signs` may stand in it, by
    which something may lie far from the signs that tell of it. With `bare`, files whose names have no suffix
    are wanted too; a row for `any_text` says nothing of what a file is. `outline` is a module of
    `secopskit.formats` with `outline(data)`, by which a purge sees that a file is still whole.
    """

    def __init__(  # noqa: PLR0913 - a row of the table
        self,
        name: str,
        module: str,
        suffixes: str = "",
        names: str = "",
        *,
        marks: tuple[str, ...] = (),
        paths: str = "",
        unless: str = "",
        signs: tuple[str, ...] = USUAL,
        by_name: bool = False,
        by_line: bool = False,
        in_parts: bool = False,
        in_pieces: bool = False,
        far_signs: tuple[str, ...] = (),
        bare: bool = False,
        any_text: bool = False,
        of_settings: bool = False,
        outline: str = "",
    ) -> None:
        self.name = name
        self.module = module
        self.marks = marks
        self.paths = paths
        self.unless = unless
        self.signs = signs
        self.by_name = by_name
        self.by_line = by_line
        self.in_parts = in_parts
        self.in_pieces = in_pieces
        self.far_signs = far_signs
        self.bare = bare
        self.is_format = not any_text
        self.of_settings = of_settings
        self.outline = outline
        self.suffixes = frozenset(suffixes.split())
        self.names = frozenset(names.split())
        self._wanted = LazyRegex(paths, re.IGNORECASE)
        self._unwanted = LazyRegex(unless, re.IGNORECASE)

    @property
    def largest(self) -> int:
        """The bytes of the largest file that is parsed: more where only what is near signs is."""
        return MAX_SIZE_IN_PIECES if self.in_pieces else MAX_SIZE

    @cached_property
    def sign_kinds(self) -> int:
        """The kinds of signs by which a file is parsed: bit n stands for `HINTS[n]`."""
        return _kinds(self.signs)

    @cached_property
    def far_kinds(self) -> int:
        """The kinds of its `far_signs`, in the same way."""
        return _kinds(self.far_signs)

    @cached_property
    def _sign(self) -> re.Pattern[bytes]:
        return re.compile(any_of(list(self.signs)).encode())

    def sign_ends(self, data: bytes) -> Iterator[int]:
        """Where its signs end in `data`, for an engine that does not tell all of them."""
        return (found.end() for found in self._sign.finditer(data))

    def is_named(self, path: str) -> bool:
        """Whether the path is that of a file of this format, wanted or not."""
        name, suffix = name_and_suffix(path)
        if not name:
            return False
        if suffix in self.suffixes or name in self.names or (self.bare and "." not in name):
            return True
        return any(mark in name for mark in self.marks) and self._wanted.search(path) is not None

    def wants(self, path: str) -> bool:
        """Whether the path is that of a file to parse."""
        if not self.is_named(path) or (self.unless and self._unwanted.search(path)):
            return False
        return not (self.of_settings and is_texts(path))

    def wholes(self, data: bytes, *, far: bool) -> list[Span]:
        """The spans of `data` that mean something as a whole alone, ascending by their starts.

        Without `far`, none of its `far_signs` stands in it.
        """
        return list(import_module(f"{__package__}.{self.module}").wholes(data, far=far))

    def detect(self, blob: Blob, ends: Sequence[int] | None = None) -> Iterator[Match]:
        """The matches in `blob`. `ends` are where its signs end, ascending, for a row that is `in_pieces`."""
        data = without_mark(blob.data)
        if len(blob.data) > self.largest:
            if not self.by_name:
                return
            data = data[: data.rfind(b"\n", 0, MAX_SIZE) + 1]
        near = (ends,) if self.in_pieces and ends is not None and len(data) == len(blob.data) else ()
        blob = blob._replace(data=data)
        seen: set[Span] = set()  # one value may be read in two ways
        for match in import_module(f"{__package__}.{self.module}").detect(blob, *near):
            if match.span not in seen:
                seen.add(match.span)
                yield match


def _kinds(signs: tuple[str, ...]) -> int:
    return sum(1 << kind for kind in {kind_of(sign) for sign in signs})
