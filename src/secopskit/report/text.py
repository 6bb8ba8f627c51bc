r"""Text from a scanned repository, made fit to be shown.

A path, an author or a ref may hold anything: terminal escapes, line breaks, marks that
reverse the reading order, bytes that are no UTF-8. Each of them is written out (`\x1b`,
`\u202e`), so that what is shown is what is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # so that an error can be told without loading what a scan needs
    from collections.abc import Sequence

    from secopskit.findings import Location

_ROLES: Final = {
    "TEST": "in a test",
    "DOCUMENT": "in documentation",
    "EXAMPLE": "in an example",
    "VENDORED": "in vendored code",
}
# How os.fsdecode keeps a byte that is no UTF-8: U+DC80..U+DCFF for 0x80..0xFF.
_ESCAPED_BYTE: Final = range(0xDC80, 0xDD00)
# How places begin that are in no file. In names there is no line that a comment could end, either.
_NAMES: Final = (
    "<author or committer>",
    "<path name> ",
    "<branch name> ",
    "<tag name> ",
    "<ref name> ",
)
_NO_FILES: Final = (*_NAMES, "<commit message>", "<tag message> ", "<unreachable object ")
_SURROGATE: Final = range(0xD800, 0xE000)
_MEBIBYTE: Final = 1024 * 1024


def visible(text: str) -> str:
    """`text` with every character that does not print written as an escape.

    Covers C0 and C1 controls, line separators, bidirectional and zero-width marks, every
    space but the plain one, surrogates, private and unassigned code points.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def encodable(text: str) -> str:
    r"""`text` with bytes that were no UTF-8 written as `\xNN`; all else stays as it is."""
    if text.isascii():
        return text
    return "".join(_escape(c) if ord(c) in _SURROGATE else c for c in text)


def path_name(location: Location) -> str:
    """The path to show; for content without a name, the object that holds it."""
    if location.path:
        return visible(location.path)
    return f"(object {location.oid[:12]})" if location.oid else "(no name)"


def in_a_file(location: Location) -> bool:
    """Whether the location is one in a file, by which a viewer may show it."""
    return bool(location.path) and not location.path.startswith(_NO_FILES)


def in_a_name(location: Location) -> bool:
    """Whether the location is one in a name: of a file, a ref or a person."""
    return location.path.startswith(_NAMES)


def place(location: Location) -> str:
    """`path:line:column`, as terminals and editors make clickable."""
    return f"{path_name(location)}:{location.line}:{location.column}"


def role_words(location: Location) -> str:
    """`in a test`: what the file is for; empty where that says nothing against what stands there."""
    return _ROLES.get(location.role.name, "")


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 place`, `1,234 places`."""
    noun = singular if number == 1 else plural or singular + "s"
    return f"{number:,} {noun}"


def listed(names: Sequence[str], few: int | None) -> str:
    """`a, b, c and 12 more`: the first `few` names, or all."""
    shown = names if few is None else names[:few]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def size(number: int) -> str:
    """A number of bytes for a reader."""
    if number < 1024:
        return count(number, "byte")
    if number < _MEBIBYTE:
        return f"{number / 1024:,.1f} KiB"
    if number < 1024 * _MEBIBYTE:
        return f"{number / _MEBIBYTE:,.1f} MiB"
    return f"{number / _MEBIBYTE / 1024:,.2f} GiB"


def _escape(character: str) -> str:
    code = ord(character)
    if code in _ESCAPED_BYTE:
        return f"\\x{code - 0xDC00:02x}"
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if short:
        return short
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
