"""CREATE INDEX for the access methods of a stand-in: without the options that only the real ones know."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from secopskit.migrate.read.lexis import IN_NAME, LETTER, block_comment_end, leading_words

_PIECE: Final = re.compile(
    rf"""(?P<word>{LETTER}{IN_NAME}*+)|"(?:[^"]|"")*"|'(?:[^']|'')*'|--[^\n]*|(?P<block>/\*)|(?P<other>[()])""",
    re.DOTALL,
)


def without_options(text: str, methods: Collection[str]) -> str:
    """`text` without its `WITH (…)`, if it makes an index by one of `methods`; else as it is."""
    words = leading_words(text, 0, 3)
    if words[:1] != ("create",) or "index" not in words[1:3]:
        return text
    depth, position, using, start = 0, 0, False, -1
    previous = ""
    while match := _PIECE.search(text, position):
        position = match.end()
        if match["block"]:
            position = max(block_comment_end(text, match.start()), position)
            continue
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == ")" and depth == 0 and start >= 0:
            return text[:start] + text[position:] if using else text
        word = (match["word"] or "").lower()
        if depth == 0 and word:
            using = using or (previous == "using" and word in methods)
            start = match.start() if word == "with" else start
            previous = word
    return text
