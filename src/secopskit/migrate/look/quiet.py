"""Statements that leave every relation as it is, and hardly lock one: there is nothing to look at after them.

They are most of a dump: grants, comments and functions. A look costs more than they do.
"""

from __future__ import annotations

import re
from typing import Final, LiteralString

from secopskit.migrate.read.lexis import leading_words

# Whoever watches for such statements may do anything on their account.
EVENT_TRIGGERS: Final[LiteralString] = (
    "SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled OPERATOR(pg_catalog.<>) 'D' LIMIT 1"
)
# From this version on, who grants something on a table keeps others from dropping it.
GRANTS_LOCK: Final = 180_000
_ONE: Final = frozenset({"grant", "revoke", "set", "reset", "show", "notify", "listen"})
_TWO: Final = frozenset(
    {("alter", what) for what in ("function", "procedure", "routine", "default")}
    | {("create", what) for what in ("function", "procedure")}
)
_COMMENTED: Final = frozenset({"function", "procedure", "routine", "schema", "type", "role"})
# The body of a function in SQL is looked into when it is made, and locks what it names. One that names no
# language has such a body.
_LANGUAGE: Final = re.compile(r"\blanguage\s+[\"']?(\w+)", re.IGNORECASE)


def is_quiet(text: str) -> bool:
    """Whether the statement `text` is one of those."""
    words = leading_words(text, 0, 4)
    if words[:3] == ("create", "or", "replace"):
        words = ("create", *words[3:])
    if words[:2] == ("comment", "on"):
        return words[2:3] != () and words[2] in _COMMENTED
    if words[:1] and words[0] in _ONE:
        return True
    if words[:2] not in _TWO:
        return False
    languages = {name.lower() for name in _LANGUAGE.findall(text)}
    return words[0] != "create" or bool(languages and "sql" not in languages)


def is_grant(text: str) -> bool:
    """Whether the statement `text` grants or revokes something."""
    return leading_words(text, 0, 1) in (("grant",), ("revoke",))
