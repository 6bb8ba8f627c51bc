"""The adapter for detect-secrets' plugins: their judgement, our positions and values.

The library answers with texts, and some are not the secret: for a pattern with a group it
returns the group, so a GitHub token comes back as `ghp`. Here every value is located again in
the blob, widened to the whole match where it is only a part, and dropped to a report without a
value where that cannot be done. Nothing of it goes to the network, the log or the file system.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from secopskit.detect.value.filters import is_placeholder
from secopskit.detect.yelp.plugins import PLUGINS
from secopskit.findings import Match, Span
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob

MIN_VALUE: Final = 6
# The library's expressions need quadratic time on hostile lines, so lines are kept short.
# Vendors' tokens in longer ones are found by our own rules.
MAX_LINE: Final = 1000
MAX_KEYWORDS: Final = 8
# And one plugin gets so much of one blob, counted as the sum of its lines' lengths squared.
MAX_WORK: Final = 500_000_000
MAX_MATCHES: Final = 10_000

_LINE_END: Final = re.compile(rb"[\r\n]")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=-]*")
_TOKEN_REST: Final = re.compile(r"[A-Za-z0-9_-]*")
_UNQUOTED: Final = re.compile(r"(?P<value>\S+)(?:\s+(?:#|//|;|--).*)?\s*")
_CALL: Final = re.compile(r"[\w.-]{1,80}[\[(].*[\])]\W*")
# What a match holds besides the value.
_LEADS: Final = {"AzureStorageKeyDetector": "AccountKey="}
# These report a marker, not a value.
_MARKERS: Final = frozenset({"PrivateKeyDetector"})


class YelpDetector:
    """Runs the chosen plugins (see `choose_plugins`) line by line.

    The library keeps its settings in a global; they are set for the time of one call, and the
    call returns when all is found, so two detectors can take turns but not run in two threads.
    """

    name = "yelp"

    def __init__(self, plugins: tuple[str, ...]) -> None:
        self._names = tuple(name for name in plugins if name in PLUGINS)
        self._plugins: tuple[tuple[str, Any], ...] | None = None

    def wants(self, path: str) -> bool:
        """All but lock files, API descriptions and what the library takes for binary."""
        from detect_secrets.filters import heuristic  # heavy, and only for who asked

        return bool(self._names) and not (
            heuristic.is_lock_file(path) or heuristic.is_non_text_file(path) or "swagger" in path
        )

    def detect(self, blob: Blob) -> Iterator[Match]:
        """See `Detector.detect`."""
        with _library(self._names) as load:
            if self._plugins is None:
                self._plugins = tuple((name, load(name)) for name in self._names)
            return iter(list(islice(self._matches(blob), MAX_MATCHES)))

    def _matches(self, blob: Blob) -> Iterator[Match]:
        for name, plugin in self._plugins or ():
            for start, line in _lines(blob.data, PLUGINS[name].gate):
                if b'"hashed_secret"' in line:  # of a list of known findings
                    continue
                text, encoding = _decoded(line)
                for left, right, sure in sorted(_found(name, plugin, blob.path, text)):
                    offset = start + len(text[:left].encode(encoding))
                    value = text[left:right].encode(encoding)
                    span = Span(offset, offset + len(value))
                    exact = sure and len(value) >= MIN_VALUE and blob.data[span.start : span.end] == value
                    yield Match(
                        rule_id=PLUGINS[name].rule_id,
                        span=span,
                        secret=SecretValue(value) if exact else None,
                        note=f"detect-secrets {name}",
                    )


# --- lines ------------------------------------------------------------------------------------


def _lines(data: bytes, gate: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines in which `gate` has a match, with their offsets; bounded as said above."""
    position = work = 0
    while hit := gate.search(data, position):
        start = max(
            position,
            data.rfind(b"\n", position, hit.start()) + 1,
            data.rfind(b"\r", position, hit.start()) + 1,
        )
        ended = _LINE_END.search(data, hit.end())
        position = ended.start() if ended else len(data)
        if position - start <= MAX_LINE:
            work += (position - start) ** 2
            if work > MAX_WORK:
                return
            yield start, data[start:position]


def _decoded(line: bytes) -> tuple[str, str]:
    """The line as text, and the encoding that leads back to its bytes."""
    try:
        return line.decode(), "utf-8"
    except UnicodeDecodeError:
        return line.decode("latin-1"), "latin-1"


# --- values -----------------------------------------------------------------------------------


def _found(name: str, plugin: Any, path: str, line: str) -> set[tuple[int, int, bool]]:
    """Start, end and certainty of everything that `plugin` reports in `line`."""
    if name == "KeywordDetector" and len(PLUGINS[name].gate.findall(line.encode("utf-8"))) > MAX_KEYWORDS:
        return set()
    try:
        values = {secret.secret_value for secret in plugin.analyze_line(filename=path, line=line)}
    except (RecursionError, ValueError):  # a token that decodes to deeply nested JSON, for one
        return set()
    if not values:
        return set()
    patterns = getattr(plugin, "denylist", None)
    places = (
        _matched(name, patterns, line, values) if patterns else (_assigned(line, value) for value in values)
    )
    return {place for place in places if not _is_noise(line, place, by_pattern=bool(patterns))}


def _matched(name: str, patterns: Any, line: str, values: set[str]) -> Iterator[tuple[int, int, bool]]:
    """Where the plugin's own expressions match, for the `values` it reported."""
    for pattern in patterns:
        for found in pattern.finditer(line):
            groups = range(1, pattern.groups + 1) if pattern.groups else (0,)
            reported = next((group for group in groups if (found[group] or "") in values), None)
            if reported is None:
                continue
            if _TOKEN.fullmatch(found[0]):
                # One word, so a group in it is only a part, and what follows may be its rest.
                left, right = found.start(), _rest(line, found.end())
            else:
                left, right = _trimmed(line, *found.span(reported), lead=_LEADS.get(name, ""))
            yield left, right, name not in _MARKERS


def _rest(line: str, end: int) -> int:
    found = _TOKEN_REST.match(line, end)
    return found.end() if found else end


def _trimmed(line: str, left: int, right: int, *, lead: str) -> tuple[int, int]:
    """The span without `lead`, and without the delimiters that some expressions include."""
    text = line[left:right].removeprefix(lead)
    left = right - len(text)
    kept = text.lstrip(" \t\"'=:")
    return left + len(text) - len(kept), right - (len(text) - len(text.rstrip(" \t\"'")))


def _assigned(line: str, value: str) -> tuple[int, int, bool]:
    """The last place of `value` in the line: in an assignment, that is not the name.

    Between quotes the value is whole. Without them the library takes all up to the end of the
    line, a comment included; then only a single word is sure to be the value.
    """
    left = line.rfind(value)
    right = left + len(value)
    if left < 0 or not value:
        return 0, len(line), False
    if left and right < len(line) and line[left - 1] in "\"'`" and line[right] in "\"'`":
        return left, right, True
    word = _UNQUOTED.fullmatch(value)
    return (left, left + word.end("value"), True) if word else (left, right, False)


def _is_noise(line: str, place: tuple[int, int, bool], *, by_pattern: bool) -> bool:
    """The library's own heuristics and ours, on the value as located.

    Those that mistrust identifiers are for plugins that know no format. The one that asks
    whether a line calls a function is ours: the library's takes cubic time.
    """
    from detect_secrets.filters import heuristic

    value = line[place[0] : place[1]]
    if (
        heuristic.is_sequential_string(value)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
        or is_placeholder(value.encode("utf-8"))
    ):
        return True
    if by_pattern:
        return False
    return bool(
        heuristic.is_potential_uuid(value)
        or heuristic.is_likely_id_string(value, line)
        or _CALL.fullmatch(value)
    )


# --- the library ------------------------------------------------------------------------------


@contextmanager
def _library(names: tuple[str, ...]) -> Iterator[Any]:
    """The library with exactly these plugins, no filter and so no verification; gives the loader."""
    _quietly_imported()
    from detect_secrets.core.plugins.initialize import from_plugin_classname
    from detect_secrets.settings import transient_settings

    with transient_settings({"plugins_used": [{"name": name} for name in names], "filters_used": []}):
        yield from_plugin_classname


def _quietly_imported() -> None:
    """Import the library without its log handler and without its hold on Python's warnings."""
    import logging
    import warnings

    before = warnings.showwarning
    import detect_secrets.core.log  # noqa: F401 - for what its import does, to undo it

    if warnings.showwarning is not before:
        logging.captureWarnings(capture=False)
    log = logging.getLogger("detect-secrets")
    log.handlers.clear()
    log.disabled = True
