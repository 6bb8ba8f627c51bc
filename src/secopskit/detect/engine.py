"""The prefilter engines: where in these bytes does any anchor stand?

Hyperscan looks for all anchors in one pass. Where it is not installed, plain literal search
finds a larger set of places, more slowly; what is reported in the end is the same.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from secopskit.errors import ConfigError

if TYPE_CHECKING:
    import hyperscan

    from secopskit.detect.anchors import Anchors

Buffer: TypeAlias = bytes | bytearray | memoryview
Hit: TypeAlias = tuple[int, int]

_offset: Final = itemgetter(1)
ENGINES: Final = ("auto", "hyperscan", "re")


class Prefilter(Protocol):
    """Finds anchors. One instance serves one thread of one process.

    An `exhaustive` one reports every sign of a setting, another only one of each line.
    """

    name: str
    exhaustive: bool

    def scan(self, data: Buffer) -> list[Hit]:
        """The hits in `data` as (anchor number, offset just behind or inside it)."""
        ...

    def ready(self) -> None:
        """Make it ready now, and not when it first scans: before this process is copied. May raise."""
        ...


class HyperscanPrefilter:
    """All anchors at once, at hundreds of megabytes a second. `database` is asked for when it first scans."""

    name = "hyperscan"
    exhaustive = True

    def __init__(self, database: Callable[[], hyperscan.Database]) -> None:
        self._make = database
        self._scan: Callable[..., object] | None = None

    def ready(self) -> None:
        """See `Prefilter.ready`."""
        self._opened()

    def _opened(self) -> Callable[..., object]:
        """The scan of the database, with memory of our own to work in."""
        if self._scan is None:
            import hyperscan

            database = self._make()
            self._scan = partial(database.scan, scratch=hyperscan.Scratch(database))
        return self._scan

    def scan(self, data: Buffer) -> list[Hit]:
        """See `Prefilter.scan`."""
        hits: list[Hit] = []
        add = hits.append

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((number, end))

        content: Any = data  # the library takes any buffer; its stubs have not heard of it
        if len(data):
            (self._scan or self._opened())(content, match_event_handler=on_match)
        hits.sort(key=_offset)  # the library promises no order, although it mostly keeps one
        return hits


class LiteralPrefilter:
    """The same places, and some more, with nothing but the standard library."""

    name = "re"
    exhaustive = False

    def __init__(self, anchors: Anchors) -> None:
        self._caseless = anchors.caseless
        self._exact = anchors.exact
        self._hint = anchors.hint
        self._hints = [re.compile(hint.encode()) for hint in anchors.hints]

    def ready(self) -> None:
        """See `Prefilter.ready`."""

    def scan(self, data: Buffer) -> list[Hit]:
        """See `Prefilter.scan`."""
        raw = bytes(data)
        hits: list[Hit] = []
        for number, hint in enumerate(self._hints, self._hint):
            hits.extend((number, end) for end in _pattern_hits(raw, hint))
        lowered = raw.lower()
        for literal, numbers in self._caseless:
            if literal in lowered:  # of thousands, a file holds a few
                hits.extend((number, end) for end in _line_hits(lowered, literal) for number in numbers)
        for literal, numbers in self._exact:
            if literal in raw:
                hits.extend((number, end) for end in _all_hits(raw, literal) for number in numbers)
        hits.sort(key=_offset)
        return hits


def _line_hits(text: bytes, literal: bytes) -> Iterator[int]:
    """The end of the first occurrence on each line: a line is judged whole."""
    at = text.find(literal)
    while at >= 0:
        yield at + len(literal)
        line_end = text.find(b"\n", at + len(literal))
        at = text.find(literal, line_end) if line_end >= 0 else -1


def _pattern_hits(text: bytes, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """The end of the first match that begins on each line: many objects may stand in one text."""
    found = pattern.search(text)
    while found:
        yield found.end()
        line_end = text.find(b"\n", found.start())
        found = pattern.search(text, line_end) if line_end >= 0 else None


def _all_hits(text: bytes, literal: bytes) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at + len(literal)
        at = text.find(literal, at + 1)


@cache
def hyperscan_installed() -> bool:
    """Whether the hyperscan package can be imported here."""
    try:
        import hyperscan  # noqa: F401 - the import is the question
    except ImportError:
        return False
    return True


def choose(engine: str) -> str:
    """The engine that `engine` (one of ENGINES) means here. Raises ConfigError."""
    if engine == "auto":
        return "hyperscan" if hyperscan_installed() else "re"
    if engine == "hyperscan" and not hyperscan_installed():
        raise ConfigError(
            "the hyperscan engine is not installed", advice="Use SECOPS_SCAN_ENGINE=auto or =re."
        )
    if engine not in ENGINES:
        raise ConfigError(f"unknown engine {engine!r}", advice=f"Choose one of {', '.join(ENGINES)}.")
    return engine


class LiteralSearch(Protocol):
    """Finds fixed texts, and expressions. One instance serves one thread of one process."""

    def scan(self, data: Buffer) -> list[Hit]:
        """The hits in `data` as (number of the literal or expression, offset just behind it), by offset."""
        ...


def search_literals(
    engine: str, literals: Sequence[bytes], expressions: Sequence[bytes] = ()
) -> LiteralSearch:
    """A search for all of `literals` at once, on `engine` (a result of `choose`).

    `expressions` are regular expressions that the engine understands; their numbers follow. Every match
    that begins behind the one before is told, by one engine also others. Both may be secret: the
    compiled form stays in memory, and no error tells them. A literal of more than some hundred bytes may
    be refused. Raises ConfigError.
    """
    if engine == "re":
        return _PlainSearch(literals, expressions)
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    # Every byte in hexadecimal: whatever it means in an expression, here it means itself.
    every = [*(b"".join(b"\\x%02x" % byte for byte in literal) for literal in literals), *expressions]
    try:
        database.compile(expressions=every, ids=list(range(len(every))), flags=0)
    except hyperscan.error:
        raise ConfigError("Hyperscan refuses the values", advice="Use SECOPS_SCAN_ENGINE=re.") from None
    prefilter = HyperscanPrefilter(lambda: database)
    prefilter.ready()
    return prefilter


class _PlainSearch:
    def __init__(self, literals: Sequence[bytes], expressions: Sequence[bytes]) -> None:
        self._literals = tuple(literals)
        self._patterns = tuple(re.compile(expression) for expression in expressions)

    def scan(self, data: Buffer) -> list[Hit]:
        raw = bytes(data)
        hits = [(n, end) for n, literal in enumerate(self._literals) for end in _all_hits(raw, literal)]
        for number, pattern in enumerate(self._patterns, len(self._literals)):
            hits.extend((number, found.end()) for found in pattern.finditer(raw))
        hits.sort(key=_offset)
        return hits


def platform_tag() -> str:
    """What a compiled database depends on besides its patterns: the library build and the processor."""
    extension = importlib.import_module("hyperscan._hs_ext")
    build = os.stat(extension.__file__ or "")
    return f"{build.st_size}/{build.st_mtime_ns}/{sys.platform}/{_cpu_flags()}"


def library_tag() -> str:
    """Which build of Hyperscan this is, wherever it is installed; of the processor, `is_usable` tells."""
    extension = importlib.import_module("hyperscan._hs_ext")
    return f"hyperscan/{os.stat(extension.__file__ or '').st_size}"


def _cpu_flags() -> str:
    """The processor's feature flags where the system tells them cheaply."""
    try:
        with open("/proc/cpuinfo", "rb") as file:
            return next((line for line in file if line.startswith(b"flags")), b"").decode("ascii", "replace")
    except OSError:
        return ""


def compile_database(anchors: Anchors) -> bytes:
    """A serialised Hyperscan database of all anchors. Takes seconds: keep the result.

    Raises ConfigError if Hyperscan refuses a pattern.
    """
    import hyperscan

    numbers, patterns = zip(*anchors.patterns, strict=True)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[p.encode() for p in patterns], ids=list(numbers), elements=len(numbers), flags=0
        )
    except hyperscan.error as error:
        raise ConfigError(f"Hyperscan refuses a rule: {error}", advice="Run `secops rules check`.") from None
    return bytes(hyperscan.dumpb(database))


def loaded(database: bytes) -> hyperscan.Database:
    """The database that was serialised so. The library trusts it: it has to be ours."""
    import hyperscan

    return hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK)


def is_usable(database: bytes) -> bool:
    """Whether a database that was serialised elsewhere, by the same library, fits this processor."""
    import hyperscan

    try:
        loaded(database)
    except hyperscan.error:
        return False
    return True


def open_prefilter(engine: str, anchors: Anchors, database: Callable[[], hyperscan.Database]) -> Prefilter:
    """The prefilter `engine` (a result of `choose`); `database` gives what Hyperscan scans with."""
    return LiteralPrefilter(anchors) if engine == "re" else HyperscanPrefilter(database)
