"""Finds the way back in a file that some tools keep there: it would run with the rest, from top to bottom.

What opens it is a comment: `migrate:down` (dbmate), `+goose Down`, `+migrate Down` (sql-migrate), and
`Down Migration` (node-pg-migrate). It is one only if a statement follows; notes for people do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from secopskit.migrate.model import Statement
from secopskit.migrate.read.lexis import SqlFileError

_TOOLS: Final = re.compile(
    r"^[ \t]*--[ \t]*(?:migrate:down|\+goose[ \t]+down|\+migrate[ \t]+down)\b.*$",
    re.MULTILINE | re.IGNORECASE,
)
# Two plain words, which prose may begin with as well: `-- Down migration is in another file`.
_WORDS: Final = re.compile(
    r"^[ \t]*--[ \t-]*down[ \t]+migration\b(?![ \t]+\w)(?!'s).*$", re.MULTILINE | re.IGNORECASE
)


def refuse_both_ways(text: str, statements: Sequence[Statement]) -> None:
    """Raise SqlFileError if one of `statements` stands in a part of `text` that undoes the others."""
    found = [at for pattern in (_TOOLS, _WORDS) for at in pattern.finditer(text) if _opens(at, statements)]
    if not found:
        return
    first = min(found, key=re.Match.start)
    raise SqlFileError(
        f"the file also holds its way back (`{first[0].strip()[:60]}`), and all of it would run",
        line=text.count("\n", 0, first.start()) + 1,
        advice="Move that part to a file of the same name that ends in `.down.sql`.",
    )


def _opens(marker: re.Match[str], statements: Sequence[Statement]) -> bool:
    """Whether a statement follows, and none holds the marker: there, it is part of a string or a body.

    One that lacks its semicolon reaches beyond the marker of a tool; that is no body.
    """
    at = marker.start()
    held = next((one for one in statements if one.start <= at < one.end), None)
    if held is not None:
        return marker.re is _TOOLS and "$" not in held.text and "'" not in held.text
    return any(one.start > at for one in statements)
