"""Source code with its comments and texts blanked, so that a lookup is only found where it is code.

Each language has a `SourceSyntax`. All that is blanked keeps its length and its line breaks: an offset
means the same in every copy.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK: Final = bytes(byte if byte == ord("\n") else ord(" ") for byte in range(256))
# What is not closed goes to the end of its line, or of the file: each byte is looked at once.
_DOUBLE: Final = rb'"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)'
_SINGLE: Final = rb"'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)"
_SLASHES: Final = rb"//[^\n]*|/\*(?:.*?\*/|.*\Z)"
_TRIPLE: Final = rb'"""(?:[^\\]|\\.)*?(?:"""|\Z)'


class MaskedToken(NamedTuple):
    """A comment or a text. `start` and `end` include its signs."""

    is_comment: bool
    start: int
    end: int


class SourceSyntax:
    """How comments and texts of a language look.

    `comments` and `texts` are expressions; an `interpolated` text has code in it, and stays. `templates`
    tells that a text between backticks holds code as `${…}`, as JavaScript has it.
    """

    def __init__(
        self, comments: bytes, texts: bytes, *, interpolated: bytes = b"", templates: bool = False
    ) -> None:
        self._source = b"(?P<c>" + comments + b")|(?P<t>" + texts + b")"
        self._interpolated = interpolated
        self._templates = templates

    @cached_property
    def _tokens(self) -> re.Pattern[bytes]:
        return re.compile(self._source, re.DOTALL)

    @cached_property
    def _with_templates(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        """Outside of a template's code, where braces do not matter, and inside."""
        return re.compile(self._source + b"|`", re.DOTALL), re.compile(self._source + b"|[`{}]", re.DOTALL)

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

    def _found(self, data: bytes) -> Iterator[MaskedToken]:
        if self._templates and b"`" in data and (found := _in_templates(*self._with_templates, data)):
            return iter(found)
        return (MaskedToken(found.lastindex == 1, *found.span()) for found in self._tokens.finditer(data))


_TEMPLATE: Final = re.compile(rb"`|\$\{|\\.", re.DOTALL)


def _in_templates(
    outside: re.Pattern[bytes], inside: re.Pattern[bytes], data: bytes
) -> list[MaskedToken] | None:
    """The comments and texts of JavaScript, pieces of templates among them; None if one does not end."""
    result = list[MaskedToken]()
    depths = list[int]()  # of braces, for each template whose `${` is open
    depth, at, began = 0, 0, -1
    while found := (_TEMPLATE if began >= 0 else inside if depths else outside).search(data, at):
        at = found.end()
        sign = found[0]
        if began >= 0:
            if sign in (b"`", b"${"):
                result.append(MaskedToken(is_comment=False, start=began, end=at))
                began = -1
                if sign == b"${":
                    depths.append(depth)
        elif found.lastgroup:
            result.append(MaskedToken(found.lastgroup == "c", found.start(), at))
        elif sign == b"`":
            began = found.start()
        elif sign == b"{":
            depth += 1
        elif depth == depths[-1]:
            depths.pop()
            began = found.start()
        else:
            depth -= 1
    return None if began >= 0 else result


# A regular expression stands where a value is expected; it may hold quotes and slashes.
_REGEX: Final = (
    rb"(?:(?<=[(,=:\[!&|?;{}>])[ \t]{0,8}|(?m:^)[ \t]{0,80})/(?![/*])"
    rb"(?:[^/\\\n\[]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n]){0,100}\]){1,200}/"
)
JAVASCRIPT: Final = SourceSyntax(_SLASHES, _REGEX + b"|" + _DOUBLE + b"|" + _SINGLE, templates=True)
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
GO: Final = SourceSyntax(_SLASHES, _DOUBLE + rb"|'(?:[^'\\\n]|\\.){1,12}'|`[^`]*`")
RUBY: Final = SourceSyntax(
    rb"(?m:^=begin\b.*?(?:^=end\b|\Z))|(?<![\w$?\"'#])\#(?!\{)[^\n]*",
    _DOUBLE + b"|" + _SINGLE,
    interpolated=rb"\"[^\"]*\#\{",
)
ELIXIR: Final = SourceSyntax(
    rb"\#(?!\{)[^\n]*", _TRIPLE + b"|" + _DOUBLE + b"|" + _SINGLE, interpolated=rb"\"[^\"]*\#\{"
)
PHP: Final = SourceSyntax(_SLASHES + rb"|\#(?!\[)[^\n]*", _DOUBLE + b"|" + _SINGLE)
JVM: Final = SourceSyntax(
    _SLASHES,
    _TRIPLE + b"|" + _DOUBLE + rb"|'(?:[^'\\\n]|\\.){1,8}'",
    interpolated=rb"\"[^\"]*\$\{[a-zA-Z]",
)
RUST: Final = SourceSyntax(
    _SLASHES,
    rb'r\#{1,4}".*?(?:"\#{1,4}|\Z)|"(?:[^"\\]|\\.)*(?:"|\Z)|' + rb"'(?:[^'\\\n]|\\.[^'\n]{0,8})'",
)
CSHARP: Final = SourceSyntax(
    _SLASHES, rb'@"(?:[^"]|"")*"|\$?' + _DOUBLE + rb"|'(?:[^'\\\n]|\\.){1,8}'", interpolated=rb"\$\"[^\"]*\{"
)
