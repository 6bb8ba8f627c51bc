"""Keeps transactions in one hand: a file does not begin or end any, we do.

A COMMIT in the middle of a file would keep one half of it when the other fails, with no word in
the ledger. A pair of BEGIN and COMMIT around the whole file says what happens anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from secopskit.migrate.model import Statement
from secopskit.migrate.read.lexis import SqlFileError, leading_words

_CONTROL: Final = frozenset({"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"})
_OPENING: Final = frozenset({"begin", "begin transaction", "begin work", "start transaction"})
_CLOSING: Final = frozenset(
    {f"{word}{noise}" for word in ("commit", "end") for noise in ("", " transaction", " work")}
)
_OUTSIDE: Final = frozenset(
    {(verb, what) for verb in ("create", "drop") for what in ("database", "tablespace")}
    | {("alter", "system")}
    | {("reindex", what) for what in ("schema", "database", "system")}
)
_ALONE: Final = re.compile(r"\w+\s*", re.IGNORECASE)
_CONCURRENTLY: Final = re.compile(
    r"(?:create(?:\s+unique)?\s+index|drop\s+index|reindex(?:\s*\([^)]*\))?\s+(?:index|table|schema|database|system))"
    r"\s+concurrently\b|alter\s+table\b[^;'\"]*\bdetach\s+partition\s+\S+\s+concurrently\s*$",
    re.IGNORECASE,
)


def without_wrapper(statements: Sequence[Statement], *, transaction: bool) -> tuple[Statement, ...]:
    """`statements` without a BEGIN at the start and its COMMIT at the end.

    Raises SqlFileError for any other transaction control. `transaction`: whether the file runs in
    one of ours.
    """
    inner = list(statements)
    if transaction and len(inner) > 1 and _plain(inner[0]) in _OPENING and _plain(inner[-1]) in _CLOSING:
        inner = inner[1:-1]
    for statement in inner:
        words = leading_words(statement.text, 0, 2)
        if words[:1] and (words[0] in _CONTROL or words == ("prepare", "transaction")):
            raise SqlFileError(
                f"transaction control ({' '.join(words).upper()})",
                line=statement.line,
                advice="Remove it: secops runs the file in a transaction of its own, together with the "
                "ledger's row. Where that cannot be, use `-- secops: no-transaction`.",
            )
        if transaction and (what := _outside(words, statement.text)):
            raise SqlFileError(
                f"{what} cannot run inside a transaction",
                line=statement.line,
                advice="Give it a file of its own whose first line is `-- secops: no-transaction`.",
            )
    return tuple(inner)


def _outside(words: tuple[str, ...], text: str) -> str:
    """What PostgreSQL refuses to do in a transaction, by name; empty if nothing."""
    if words == ("cluster",) and _ALONE.fullmatch(text):
        return "CLUSTER of all tables"
    if words[:1] == ("vacuum",) or words in _OUTSIDE:
        return " ".join(words[:1] if words[0] == "vacuum" else words).upper()
    concurrently = words and words[0] in ("create", "drop", "reindex", "alter") and _CONCURRENTLY.match(text)
    return f"{words[0].upper()} … CONCURRENTLY" if concurrently else ""


def _plain(statement: Statement) -> str:
    """A statement of nothing but words, in lower case."""
    words = statement.text.lower().split()
    return " ".join(words) if len(words) <= 2 else ""
