"""What the statements of a file leave set in the session they share, and how the ledger is written in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from secopskit.migrate.model import Script, Statement
from secopskit.migrate.read.lexis import leading_words
from secopskit.migrate.read.words import Words, by_commas, words_of

# A file may have made the session read-only by default.
BEGIN: Final = b"BEGIN READ WRITE"
_PASSING: Final = frozenset({"local", "transaction", "constraints"})  # SET …: over with its transaction
_FUNCTION: Final = (["set_config", "("], ["pg_catalog", ".", "set_config", "("])


def lasting(statements: Sequence[Statement]) -> list[Statement]:
    """Those of `statements` that a new session has to run again, to be as they left theirs."""
    kept: list[Statement] = []
    for statement in statements:
        if _starts_anew(statement):
            kept.clear()
        elif _lasts(statement):
            kept.append(statement)
    return kept


def own_role(script: Script) -> tuple[bytes, ...]:
    """Has the rest of a transaction run as who we logged in as. The file's role is back after its end.

    The authorization only where the file is about it: older servers forget the role that comes with it.
    """
    role = b"SET LOCAL role TO DEFAULT"
    if "authorization" in script.text.lower():
        return b"SET LOCAL SESSION AUTHORIZATION DEFAULT", role
    return (role,)


def _starts_anew(statement: Statement) -> bool:
    return leading_words(statement.text) == ("discard", "all")


def _lasts(statement: Statement) -> bool:
    """Whether it sets something for the statements after it."""
    first, *second = leading_words(statement.text) or ("",)
    if first == "select":  # as pg_dump does it
        return all(map(_sets, by_commas(words_of(statement.text)[1:])))
    return first in {"set", "reset"} and not _PASSING.intersection(second)


def _sets(item: Words) -> bool:
    """Whether `item` of a SELECT is a call of set_config: one that is `local` does no harm."""
    values = [word.value for word in item]
    return any(values[: len(call)] == call for call in _FUNCTION) and values[-1] == ")"
