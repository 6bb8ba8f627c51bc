"""Source code with its comments and texts blanked, so that a lookup is only found where it is code.

Each language has a `SourceSyntax`. All that is blanked keeps its length and its line breaks: an offset
means the same in every copy.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANK: Final = bytes(byte if byte == ord("\n") else ord(" ") for byte in range(256))
# What is not closed goes to the end of its line, or of the file: each byte is looked at once.
_DOUBLE: Final = rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*(?:"|(?=\n)|\Z)'
_SINGLE: Final = rb"'[^'\\\n]*(?:\\.[^'\\\n]*)*(?:'|(?=\n)|\Z)"
_SLASHES: Final = rb"//[^\n]*|/\*(?:.*?\*/|.*\Z)"
_TRIPLE: Final = rb'"""[^\\"]*(?:(?:\\.|"(?!""))[^\\"]*)*(?:"""|\Z)'


class MaskedToken(NamedTuple):
    """A comment or a text. `start` and `end` include its signs."""

    is_comment: bool
    start: int
    end: int


class SourceSyntax:
    """How comments and texts of a language look.

    `comments` and `texts` are expressions; an `interpolated` text has code in it, and stays. `signs` are the
    bytes with which all of them begin, where there are few: what is between is passed over at once.
    `templates` tells that a text between backticks holds code as `${…}`, as JavaScript has it.
    """

    def __init__(
        self,
        comments: bytes,
        texts: bytes,
        *,
        signs: bytes = b"",
        interpolated: bytes = b"",
        templates: bool = False,
    ) -> None:
        self._source = b"(?P<c>" + comments + b")|(?P<t>" + texts + b")"
        self._signs = signs
        self._interpolated = interpolated
        self._templates = templates

    @cached_property
    def _tokens(self) -> re.Pattern[bytes]:
        return self._compiled(self._source, self._signs)

    @cached_property
    def _with_templates(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        """Outside of a template's code, where braces do not matter, and inside."""
        source = self._source + b"|(?P<t2>" + _WHOLE_TEMPLATE + b")|(?P<begin>`)"
        return (
            self._compiled(source, self._signs + b"`"),
            self._compiled(source + b"|(?P<open>{)|(?P<close>})", self._signs + b"`{}"),
        )

    @staticmethod
    def _compiled(source: bytes, signs: bytes) -> re.Pattern[bytes]:
        if signs:
            source = b"[^" + signs + b"]*(?:" + source + b"|.)"
        return re.compile(source, re.DOTALL)

    @cached_property
    def _holds_code(self) -> re.Pattern[bytes]:
        return re.compile(self._interpolated, re.DOTALL)

    def masked(self, data: bytes) -> tuple[bytes, bytes]:
        """`data` without comments, and without comments and texts."""
        bare, code = bytearray(data), bytearray(data)
        blank = data.translate(_BLANK)
        holds_code = self._holds_code.match if self._interpolated else None
        for is_comment, start, end in self._found(data):
            if is_comment:
                bare[start:end] = code[start:end] = blank[start:end]
            elif holds_code is None or not holds_code(data, start, end):
                code[start + 1 : end - 1] = blank[start + 1 : end - 1]
        return bytes(bare), bytes(code)

    def _found(self, data: bytes) -> Iterable[MaskedToken]:
        if self._templates and b"`" in data:
            found = _in_templates(*self._with_templates, data)
            if found is not None:
                return found
        return (
            MaskedToken(kind == "c", *found.span(kind))
            for found in self._tokens.finditer(data)
            if (kind := found.lastgroup)
        )


_PIECE: Final = re.compile(rb"[^`\\$]*(?:(?:\\.|\$(?!\{))[^`\\$]*)*(?:`|\$\{)", re.DOTALL)
_WHOLE_TEMPLATE: Final = rb"`[^`\\$]*(?:(?:\\.|\$(?!\{))[^`\\$]*)*`"


def _in_templates(
    outside: re.Pattern[bytes], inside: re.Pattern[bytes], data: bytes
) -> list[MaskedToken] | None:
    """The comments and texts of JavaScript, pieces of templates among them; None if one does not end."""
    result = list[MaskedToken]()
    depths = list[int]()  # of braces, for each template whose `${` is open
    depth, at = 0, 0
    while began := _until_template(inside if depths else outside, data, at, result):
        kind, start = began.lastgroup, began.end() - 1
        if kind == "open":
            depth += 1
            at = began.end()
            continue
        if kind == "close":
            if depth != depths[-1]:
                depth -= 1
                at = began.end()
                continue
            depths.pop()
        piece = _PIECE.match(data, start + 1)
        if piece is None:
            return None
        at = piece.end()
        result.append(MaskedToken(is_comment=False, start=start, end=at))
        if data[at - 1 : at] == b"{":
            depths.append(depth)
    return result


def _until_template(
    tokens: re.Pattern[bytes], data: bytes, at: int, result: list[MaskedToken]
) -> re.Match[bytes] | None:
    """The next sign that matters to templates; the comments and texts before it go to `result`."""
    for found in tokens.finditer(data, at):
        kind = found.lastgroup
        if kind is None:
            continue
        if kind not in _TEXTS:
            return found
        result.append(MaskedToken(kind == "c", *found.span(kind)))
    return None


_TEXTS: Final = frozenset({"c", "t", "t2"})
# A regular expression stands where a value is expected; it may hold quotes and slashes.
_EXPECTED: Final = b"|".join(rb"(?<=[(,=:\[!&|?;{}>\n][ \t]{%d})" % blanks for blanks in range(41))
_REGEX: Final = (
    rb"/(?:" + _EXPECTED.replace(b"})", b"}/)") + rb"|(?<=\A/))(?![/*])"
    rb"(?:[^/\\\n\[]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n]){0,100}\]){1,200}/"
)
JAVASCRIPT: Final = SourceSyntax(
    _SLASHES, _REGEX + b"|" + _DOUBLE + b"|" + _SINGLE, signs=b"/\"'", templates=True
)
PYTHON: Final = SourceSyntax(
    rb"\#[^\n]*",
    rb"(?<!\w)[bBrRuUfF]{0,2}(?:"
    + _TRIPLE
    + b"|"
    + _TRIPLE.replace(b'"', b"'")
    + b"|"
    + _DOUBLE
    + b"|"
    + _SINGLE
    + b")",
    interpolated=rb"[rR]?[fF]",
)
GO: Final = SourceSyntax(_SLASHES, _DOUBLE + rb"|'(?:[^'\\\n]|\\.){1,12}'|`[^`]*`", signs=b"/\"'`")
RUBY: Final = SourceSyntax(
    rb"(?m:^=begin\b.*?(?:^=end\b|\Z))|(?<![\w$?\"'#])\#(?!\{)[^\n]*",
    _DOUBLE + b"|" + _SINGLE,
    signs=b"=#\"'",
    interpolated=rb"\"[^\"]*\#\{",
)
ELIXIR: Final = SourceSyntax(
    rb"\#(?!\{)[^\n]*",
    _TRIPLE + b"|" + _DOUBLE + b"|" + _SINGLE,
    signs=b"#\"'",
    interpolated=rb"\"[^\"]*\#\{",
)
PHP: Final = SourceSyntax(_SLASHES + rb"|\#(?!\[)[^\n]*", _DOUBLE + b"|" + _SINGLE, signs=b"/#\"'")
JVM: Final = SourceSyntax(
    _SLASHES,
    _TRIPLE + b"|" + _DOUBLE + rb"|'(?:[^'\\\n]|\\.){1,8}'",
    signs=b"/\"'",
    interpolated=rb"\"[^\"]*\$\{[a-zA-Z]",
)
RUST: Final = SourceSyntax(
    _SLASHES,
    rb'r\#{1,4}".*?(?:"\#{1,4}|\Z)|"(?:[^"\\]|\\.)*(?:"|\Z)|' + rb"'(?:[^'\\\n]|\\.[^'\n]{0,8})'",
)
CSHARP: Final = SourceSyntax(
    _SLASHES,
    rb'@"(?:[^"]|"")*"|\$?' + _DOUBLE + rb"|'(?:[^'\\\n]|\\.){1,8}'",
    signs=b"/@$\"'",
    interpolated=rb"\$\"[^\"]*\{",
)
