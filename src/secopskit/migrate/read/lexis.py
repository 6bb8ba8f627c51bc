"""The small change of SQL text: white space, comments and words, as PostgreSQL's lexer sees them."""

from __future__ import annotations

import re
from typing import Final

from secopskit.errors import UsageError

SPACE: Final = " \t\n\r\f\v"  # PostgreSQL's; a no-break space is a letter to it
# What a name may begin with, and go on with: letters, everything beyond ASCII, `_`; digits and `$`.
LETTER: Final = r"[^\x00-@\[-^`{-\x7f]"
IN_NAME: Final = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
WORD: Final = re.compile(rf"{LETTER}{IN_NAME}*+")
_BLANK: Final = re.compile(r"(?:[ \t\n\r\f\v]++|--[^\n\r]*+)++")
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")


class SqlFileError(UsageError):
    """A file that cannot be taken apart. `line` is 1-based."""

    def __init__(self, message: str, *, line: int, advice: str) -> None:
        super().__init__(message, advice=advice)
        self.line = line


def leading_words(text: str, start: int = 0, count: int = 2) -> tuple[str, ...]:
    """The first words from `start` on, in lower case; fewer if something else stands there."""
    words: list[str] = []
    while len(words) < count:
        start = skip_blank(text, start)
        word = WORD.match(text, start)
        if not word:
            break
        words.append(word[0].lower())
        start = word.end()
    return tuple(words)


def skip_blank(text: str, position: int) -> int:
    """Where white space and comments from `position` on end; before a comment that does not end."""
    while True:
        if blank := _BLANK.match(text, position):
            position = blank.end()
        if not text.startswith("/*", position):
            return position
        end = block_comment_end(text, position)
        if end < 0:
            return position
        position = end


def block_comment_end(text: str, position: int) -> int:
    """Behind the comment that starts at `position`, which may hold others; -1 if it does not end."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return -1


def is_letter(character: str) -> bool:
    """Whether it may stand within a name."""
    return character >= "\x80" or character.isalnum() or character in ("_", "$") if character else False
