"""What PostgreSQL's errors mean to the author of a migration: file, line, words, what to do.

DETAIL and CONTEXT hold values of rows, and so do messages about data: they are left out.
"""

from __future__ import annotations

import re
from typing import Final

import psycopg

from secopskit.migrate.apply.notices import redacted, values_in
from secopskit.migrate.apply.progress import Failure
from secopskit.migrate.model import MigrationStep, Statement
from secopskit.migrate.read.lexis import leading_words

_QUOTED: Final = re.compile(r'".*"', re.DOTALL)
_COPY_LINE: Final = re.compile(r"COPY .*?, line (\d+)")
_DATA_ERROR: Final = "22"  # the class of messages such as: invalid input syntax for type integer: "…"
# Classes of messages that name tables, columns, roles: `password` among them is no password.
_NAMES_OBJECTS: Final = frozenset({"0A", "23", "25", "2B", "2D", "40", "42", "53", "55", "57"})
_RAISES: Final = frozenset({None, "exec_stmt_raise"})  # where PL/pgSQL says what a RAISE is to say
# 25001 and 2D000: the statement, or a COMMIT within the procedure it calls, wants to stand alone.
NOT_IN_A_TRANSACTION: Final = frozenset({"25001", "2D000"})

_ADVICE: Final = {
    "25001": "Give the file the header `-- secops: no-transaction`.",
    "2D000": "Give the file the header `-- secops: no-transaction`.",
    "55P03": "Another session holds a lock on the table. Run again when it is done, or allow longer waits "
    "with the header `-- secops: lock-timeout=…`.",
    "25006": "Transactions are read-only here: the server is a standby, or default_transaction_read_only is "
    "on for the role, the database or by a file.",
    "40P01": "Another session locked the same tables in another order. Run again when it is done.",
    "57014": "The statement was cancelled, or took longer than statement_timeout allows: "
    "see the header `-- secops: statement-timeout=…`.",
    "55P04": "A new enum value can be used only once it is committed: "
    "put the ALTER TYPE … ADD VALUE into a file of its own, before this one.",
    "55006": "Deferred constraints are still to be checked: "
    "put SET CONSTRAINTS ALL IMMEDIATE before this statement, or split the file.",
    "42501": "The role we connect as may not do this: connect as the owner, or grant it.",
    "53100": "The server's disk is full: make room first.",
    "57P01": "The server ended the connection. Run again.",
    "22": "The value is not shown, as it may come from a row.",
    "23": "The rows that break the rule are not shown; look for them with a query of your own.",
}
_ISOLATION: Final = (
    "The file runs in a transaction of ours that has begun by then: take SET TRANSACTION out. It is READ "
    "COMMITTED; for what must see one state, use one statement, or lock the tables."
)
_UNDONE: Final = "Nothing of this file was kept: correct the cause and run again."
HALF_DONE_ADVICE: Final = (
    "What stands before this line is done and recorded: correct the cause and run again."
)
_IN_PART: Final = (
    "Part of this statement may be committed, and the next run begins it anew: see what it did first. What "
    "stands before this line is done and recorded."
)


class ClientCopyError(psycopg.ProgrammingError):
    """A COPY from or to the client that has no data in the file, or nobody who would take it."""

    def __init__(self) -> None:
        super().__init__(
            "COPY from STDIN needs its data behind it in the file, and COPY to STDOUT has no taker"
        )


def failure_of(
    error: psycopg.Error,
    step: MigrationStep,
    statement: Statement | None,
    *,
    attempts: int = 1,
    half_done: bool = False,
    in_part: bool = False,
) -> Failure:
    """`error` met at `statement` of `step`'s file, in words fit for a log.

    `half_done`: the file is non-transactional, and a new run goes on at this statement; `in_part`: which may
    have committed a part of what it does.
    """
    state = error.sqlstate or ""
    known = _ADVICE.get(state) or _ADVICE.get(state[:2])
    if statement is not None and leading_words(statement.text, 0, 2) == ("set", "transaction"):
        known = _ISOLATION
    kept = _IN_PART if in_part else HALF_DONE_ADVICE if half_done else _UNDONE
    advice = " ".join(filter(None, (known, _hint(error, step), kept)))
    return Failure(
        version=step.migration.version,
        path=step.script.path,
        line=None if statement is None else _line(error, statement),
        sqlstate=state,
        message=message_of(error, step, statement),
        advice=advice,
        attempts=attempts,
        half_done=half_done,
    )


def own_words(
    step: MigrationStep, message: str, advice: str, *, half_done: bool = False, line: int | None = None
) -> Failure:
    """A failure that no error of the server's stands for."""
    return Failure(
        version=step.migration.version,
        path=step.script.path,
        line=line,
        sqlstate="",
        message=message,
        advice=advice,
        half_done=half_done,
    )


def connection_lost(error: BaseException) -> bool:
    """Whether the error is the end of the connection rather than an answer of the server's."""
    return isinstance(error, psycopg.OperationalError) and (
        error.sqlstate is None or error.sqlstate.startswith(("57P0", "08"))
    )


def message_of(error: psycopg.Error, step: MigrationStep, statement: Statement | None = None) -> str:
    """What the server says, in one line, without values."""
    if isinstance(error, ClientCopyError):
        return str(error)
    primary = error.diag.message_primary
    if not primary:
        lost = isinstance(error, psycopg.OperationalError)
        return "the connection to the server was lost" if lost else f"{type(error).__name__} of psycopg"
    # A password that is written without quotes comes back in `syntax error at or near "…"`.
    hides = statement is not None and "password" in statement.text.lower()
    if hides or (error.sqlstate or "").startswith(_DATA_ERROR):
        primary = _QUOTED.sub('"…"', primary)
    return _without_secrets(primary, error, step)


def _hint(error: psycopg.Error, step: MigrationStep) -> str:
    hint = _without_secrets(error.diag.message_hint or "", error, step)
    return f"PostgreSQL says: {hint}" if hint else ""


def _without_secrets(text: str, error: psycopg.Error, step: MigrationStep) -> str:
    """The first line of `text`: as it is where PostgreSQL itself names objects, else as of a notice."""
    text = text.partition("\n")[0]
    diag = error.diag
    if (diag.sqlstate or "")[:2] in _NAMES_OBJECTS and diag.source_function not in _RAISES:
        return text
    return redacted(text, sorted(set(values_in(step.script)), key=len, reverse=True))


def _line(error: psycopg.Error, statement: Statement) -> int:
    """The line of the file that the error is about: within the statement if the server says where."""
    if statement.copy_data is not None and (row := _COPY_LINE.search(error.diag.context or "")):
        return statement.line + statement.text.count("\n") + int(row[1])
    position = int(error.diag.statement_position or 1)
    return statement.line + statement.text.count("\n", 0, position - 1)
