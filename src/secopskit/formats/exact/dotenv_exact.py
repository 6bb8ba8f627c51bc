r"""Dotenv files, read exactly: every value byte for byte as it was meant, or an error with its line.

`secopskit.formats.dotenv` reads such files tolerantly, to look for secrets. This reader is for values
that are handed on: what the readers of dotenv files (python-dotenv, docker compose, Node's dotenv, shells)
take differently is either refused or decided here, and nothing is ever left out or invented.

- `NAME=value`, `export` and blanks before the name and blanks around `=` allowed. Nothing is
  interpolated: `$` and `${HOME}` are text.
- Without quotes: to the end of the line, blanks at both ends and a comment (a blank, then `#`) left off.
  A `#` without a blank before it is refused: some cut the value there. So is the first line of a PEM block,
  and a line that looks like the last one of base64.
- `'…'` and `` `…` ``: all is text, line ends too, up to the next such quote. (Backticks are quotes to
  Node alone, and python-dotenv takes two backslashes for one.) A backslash before the closing quote is
  refused: some take both for a quote.
- `"…"`: `\n`, `\r`, `\\`, `\"` and `\$` are escapes, as for compose and shells (Node knows the first two
  alone, python-dotenv all but `\$`). Any other backslash is refused.
- A CRLF that ends a line is no part of a value; one within quotes is, as is a line feed. A carriage return
  alone is refused outside of quotes, as is every other control character but the tab.
- A byte order mark before the first line, comments and empty lines belong to nobody.

Sources: the parsers of github.com/theskumar/python-dotenv, github.com/compose-spec/compose-go and
github.com/motdotla/dotenv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK: Final = b"\xef\xbb\xbf"
SIZE_LIMIT: Final = 8 * 1024 * 1024
"""The most bytes that a file may have."""
NAME: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_.-]{0,254}")
ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"\\": b"\\", b'"': b'"', b"$": b"$"}
_BLANKS: Final = re.compile(rb"[ \t]*")
_NOTHING: Final = re.compile(rb"(?:#[^\r\n]*)?(?:\r?\n|\Z)")
_ASSIGNMENT: Final = re.compile(rb"(?:export[ \t]+)?([^\s=#'\"`]+)[ \t]*=")
_QUOTED: Final = {
    b'"': re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL),
    b"'": re.compile(rb"'([^']*)'"),
    b"`": re.compile(rb"`([^`]*)`"),
}
_REST: Final = re.compile(rb"[^\n]*")
_COMMENT: Final = re.compile(rb"(?:^|[ \t])#.*", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_WELL_ESCAPED: Final = re.compile(rb'[^\\]*(?:\\[nr\\"$][^\\]*)*')
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# The last line of base64 without quotes, which its padding makes an assignment.
_BASE64: Final = re.compile(rb"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{16,}")
# The last line of a value over several lines, where the quote before it was never closed.
_SWALLOWED: Final = re.compile(rb"\n[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*\Z")


class ExactEntry(NamedTuple):
    """An assignment. The value, its quotes included, stands at `start` up to `end`; `line` is 1-based.

    `quote` is the sign around it, empty for none.
    """

    key: str
    value: SecretValue
    line: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactDotenv:
    """A dotenv file: its name for messages, its bytes, and the assignments in their order."""

    name: str
    data: bytes = field(repr=False)
    entries: tuple[ExactEntry, ...]

    def entry(self, key: str) -> ExactEntry | None:
        """The assignment of `key`, if there is one."""
        return next((entry for entry in self.entries if entry.key == key), None)


def read_exact(data: bytes, name: str) -> ExactDotenv:
    """The assignments in `data`, the content of the file `name`. Raises ConfigError, with the line."""
    _check_text(data, name)
    entries = dict[str, ExactEntry]()
    for entry in _entries(data, name):
        if (earlier := entries.get(entry.key)) is not None:
            _refuse(
                name,
                entry.line,
                f"{entry.key} is set for the second time, after line {earlier.line}",
                "Leave one of the two: readers differ in which one they take.",
            )
        entries[entry.key] = entry
    return ExactDotenv(name=name, data=data, entries=tuple(entries.values()))


def looks_swallowed(value: bytes) -> bool:
    """Whether a quoted value ends with the beginning of an assignment: its own quote was not closed."""
    return _SWALLOWED.search(value) is not None


def looks_broken(name: bytes, value: bytes) -> bool:
    """Whether an assignment without quotes looks like the last line of base64: its padding is the `=`."""
    return value == b"=" or (not value and _BASE64.fullmatch(name) is not None)


def _check_text(data: bytes, name: str) -> None:
    if len(data) > SIZE_LIMIT:
        raise ConfigError(f"{name}: is larger than {SIZE_LIMIT} bytes", advice="Split it.")
    if (at := data.find(b"\0")) >= 0:
        _refuse(name, _line(data, at), "a NUL byte", "No variable can hold one: keep such a value as base64.")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        at_fault = "bytes that are no UTF-8"
    else:
        return
    _refuse(name, line, at_fault, "Save the file as UTF-8; keep a binary value as base64.")


def _entries(data: bytes, name: str) -> Iterator[ExactEntry]:
    at, line, counted = len(MARK) if data.startswith(MARK) else 0, 1, 0
    while at < len(data):
        start = _BLANKS.match(data, at).end()  # type: ignore[union-attr]  # matches nothing, too
        line, counted = line + data.count(b"\n", counted, start), start
        if nothing := _NOTHING.match(data, start):
            at = max(nothing.end(), at + 1)
            continue
        entry = _entry(data, start, name, line)
        yield entry
        at = _end_of_line(data, entry, name)


def _entry(data: bytes, start: int, name: str, line: int) -> ExactEntry:
    found = _ASSIGNMENT.match(data, start)
    if found is None:
        _refuse(
            name,
            line,
            "neither an assignment nor a comment",
            "Write NAME=value; a value over several lines needs quotes around it.",
        )
    if not NAME.fullmatch(found[1]):
        _refuse(name, line, "not a name", "A name has letters, digits and `_`, and begins with no digit.")
    key, at = found[1].decode(), _BLANKS.match(data, found.end()).end()  # type: ignore[union-attr]  # as above
    if data[at : at + 1] in _QUOTED:
        return _quoted(data, at, name, (key, line))
    value = _unquoted(data, at, name, line, blank=at > found.end())
    if looks_broken(found[1], value):
        _refuse(name, line, "what looks like the rest of a base64 value", "Put all of it in quotes.")
    at = at if value else found.end()
    return ExactEntry(key, SecretValue(value), line, at, at + len(value), quote="")


def _quoted(data: bytes, at: int, name: str, named: tuple[str, int]) -> ExactEntry:
    key, line = named
    quote = data[at : at + 1]
    found = _QUOTED[quote].match(data, at)
    if found is None:
        _refuse(name, line, f"the value of {key} has no closing quote", "Close it.")
    value = found[1]
    if looks_swallowed(value):
        _refuse(
            name,
            line,
            f"the value of {key} seems to have no closing quote: it ends in an assignment",
            r"Close it; if it does end so, write it in double quotes with `\n` for line ends.",
        )
    if quote == b'"':
        value = _unescaped(value, name, line)
    elif value.endswith(b"\\"):
        _refuse(
            name,
            line,
            f"the value of {key} ends with a backslash, which readers take for `\\'`",
            r"Write it in double quotes, with `\\` for a backslash.",
        )
    return ExactEntry(key, SecretValue(value), line, at, found.end(), quote.decode())


def _unescaped(value: bytes, name: str, line: int) -> bytes:
    well = _WELL_ESCAPED.match(value).end()  # type: ignore[union-attr]  # matches nothing, too
    if well < len(value):
        _refuse(
            name,
            line + value.count(b"\n", 0, well),
            "a backslash that readers take differently",
            r"Write `\\` for a backslash; `\n`, `\r`, `\"` and `\$` are the other escapes.",
        )
    return _ESCAPE.sub(lambda escape: ESCAPES[escape[1]], value)


def _unquoted(data: bytes, at: int, name: str, line: int, *, blank: bool) -> bytes:
    """The value without quotes at `at`; `blank` tells whether a blank stands between it and `=`."""
    rest = _REST.match(data, at)[0]  # type: ignore[index]  # matches nothing, too
    if at + len(rest) < len(data):
        rest = rest.removesuffix(b"\r")
    if _CONTROL.search(rest):
        _refuse(name, line, "a control character outside of quotes", "Put the value in quotes.")
    value = rest if rest.startswith(b"#") and not blank else _COMMENT.sub(b"", rest)
    value = value.rstrip(b" \t")
    if b"#" in value:
        _refuse(
            name,
            line,
            "a `#` outside of quotes, where some readers cut the value",
            "Put the value in quotes, or a blank before a comment.",
        )
    if value.decode() != value.decode().strip():
        _refuse(name, line, "an unusual blank at the end of the value", "Put the value in quotes.")
    if value.startswith(b"-----BEGIN") and b"-----END" not in value:
        _refuse(
            name,
            line,
            "a PEM block without quotes, of which readers take the first line",
            "Put all of it in quotes.",
        )
    return value


def _end_of_line(data: bytes, entry: ExactEntry, name: str) -> int:
    """Where the next line begins."""
    at = _BLANKS.match(data, entry.end).end()  # type: ignore[union-attr]  # as above
    found = _NOTHING.match(data, at)
    if found is None:
        _refuse(
            name,
            _line(data, entry.end),
            f"text after the closing quote of {entry.key} (line {entry.line})",
            "Is a quote left open before it? A quote within the value needs other quotes around it.",
        )
    return found.end()


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _refuse(name: str, line: int, what: str, advice: str) -> NoReturn:
    raise ConfigError(f"{name}:{line}: {what}", advice=advice)
