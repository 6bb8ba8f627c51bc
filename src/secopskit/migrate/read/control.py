"""Keeps transactions in one hand: a file does not begin or end any, we do.

A COMMIT in the middle of a file would keep one half of it when the other fails, with no word in
the ledger. One pair of BEGIN and COMMIT that nothing follows says what happens anyway: what stands
before the BEGIN is only bound more closely to the rest. A NOTIFY may follow, which PostgreSQL sends at
the end of a transaction in any case.
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


def without_wrapper(
    statements: Sequence[Statement], *, transaction: bool
) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """`statements` without the pair of BEGIN and COMMIT that ends them, and that pair (empty: there is none).

    Raises SqlFileError for any other transaction control. `transaction`: whether the file runs in
    one of ours.
    """
    control = [statement for statement in statements if _is_control(statement)]
    if control and not (transaction and _is_wrapper(control, statements)):
        raise _refusal(control, statements, transaction=transaction)
    inner = tuple(statement for statement in statements if statement not in control)
    for statement in inner if transaction else ():
        if what := _outside(leading_words(statement.text, 0, 2), statement.text):
            raise SqlFileError(
                f"{what} cannot run inside a transaction",
                line=statement.line,
                advice="Give it a file of its own whose first line is `-- secops: no-transaction`.",
            )
    return inner, tuple(control)


def _is_control(statement: Statement) -> bool:
    words = leading_words(statement.text, 0, 2)
    return bool(words) and (words[0] in _CONTROL or words == ("prepare", "transaction"))


def _is_wrapper(control: Sequence[Statement], statements: Sequence[Statement]) -> bool:
    """Whether `control` is one BEGIN and its COMMIT, with nothing behind it that would notice."""
    if len(control) != 2 or _plain(control[0]) not in _OPENING or _plain(control[1]) not in _CLOSING:
        return False
    behind = statements[statements.index(control[1]) + 1 :]
    return all(leading_words(statement.text, 0, 1) == ("notify",) for statement in behind)


def _refusal(
    control: Sequence[Statement], statements: Sequence[Statement], *, transaction: bool
) -> SqlFileError:
    """Why `control` cannot be, and what to do: at the COMMIT that parts the file, if that is what it does."""
    parting = next((one for one in control if _parts(one, control, statements)), None)
    culprit = parting or control[0]
    words = " ".join(leading_words(culprit.text, 0, 2)).upper()
    if not transaction:
        advice = (
            "Delete it: under `-- secops: no-transaction` each statement is committed by itself. What "
            "belongs together goes into a file without that line, which is one transaction."
        )
    elif parting:
        lines = ", ".join(str(one.line) for one in control)
        rest = next(one.line for one in statements if one.start > parting.start and one not in control)
        advice = (
            "It would keep one half of the file when the other fails. Delete the transaction control (line "
            f"{lines}), and the file is one transaction. If what follows needs the first part committed (a "
            f"new value of an enum, say), move line {rest} and below to a file with a later version. Or make "
            "`-- secops: no-transaction` the first line and delete them: then each statement is committed by "
            "itself."
        )
    else:
        advice = (
            "Delete it: the file runs in one transaction, together with the ledger's row. What may fail "
            "alone goes into a DO block with EXCEPTION."
        )
    return SqlFileError(f"transaction control ({words})", line=culprit.line, advice=advice)


def _parts(one: Statement, control: Sequence[Statement], statements: Sequence[Statement]) -> bool:
    """Whether it commits, and something other than transaction control follows."""
    follows = any(other.start > one.start and other not in control for other in statements)
    return _plain(one) in _CLOSING and follows


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
