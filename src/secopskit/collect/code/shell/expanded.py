"""What a shell expands of a script: comments, single-quoted texts and literal here-documents are blank."""

from __future__ import annotations

import re
from typing import Final

from secopskit.collect.code.shell.here import here_end

_BLANK: Final = bytes(byte if byte == ord("\n") else ord(" ") for byte in range(256))
_TOKEN: Final = re.compile(
    rb"\\.|(?P<comment>(?:^|(?<=[\s;&|(]))\#[^\n]*)|(?P<double>\")|(?P<single>'[^']*')"
    rb"|(?<!<)<<-?[ \t]{0,4}(?P<quoted>['\"\\])?(?P<word>[A-Za-z_]\w{0,40})['\"]?|(?P<sign>[()])",
    re.DOTALL | re.MULTILINE,
)
_IN_DOUBLE: Final = re.compile(rb"\\.|\"|(?P<command>\$\()", re.DOTALL)
_MOST_DOCUMENTS: Final = 200


def expanded(data: bytes) -> bytes:
    """`data` with what is not expanded blanked, and every other byte at its place."""
    code = bytearray(data)
    at, documents, quotes = 0, 0, _ShellQuotes()
    while found := (_IN_DOUBLE if quotes.inside else _TOKEN).search(data, at):
        at = found.end()
        if quotes.inside or found["double"] or found["sign"]:
            quotes.pass_over(found)
        elif found["comment"] or found["single"]:
            code[found.start() : at] = data[found.start() : at].translate(_BLANK)
        elif found["word"] and documents < _MOST_DOCUMENTS:
            documents += 1
            line_end = data.find(b"\n", at)
            end = here_end(data, line_end, found["word"]) if line_end >= 0 else -1
            if end >= 0:  # what is left of the line is not looked at: rarely more than a file's name
                if found["quoted"]:
                    code[line_end:end] = data[line_end:end].translate(_BLANK)
                at = end
    return bytes(code)


class _ShellQuotes:
    """Whether a place is within double quotes; a command within them, `"$(…)"`, has quotes of its own."""

    def __init__(self) -> None:
        self.inside = False
        self._depths = list[int]()  # of parentheses, around each command that is open
        self._depth = 0

    def pass_over(self, found: re.Match[bytes]) -> None:
        """Heed a quote, a parenthesis, or what begins a command."""
        sign = found[0]
        if sign == b'"':
            self.inside = not self.inside
        elif sign == b"$(":
            self._depths.append(self._depth)
            self._depth, self.inside = 0, False
        elif sign == b"(":
            self._depth += 1
        elif sign == b")" and self._depth:
            self._depth -= 1
        elif sign == b")" and self._depths:
            self._depth, self.inside = self._depths.pop(), True
