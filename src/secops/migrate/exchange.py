"""Sends statements to the server without waiting in between, and knows which one failed.

One exchange is one round trip, however many statements it holds. After an error the server
skips the rest of it, which is what lets a COMMIT and what depends on it travel together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import cast

import psycopg
from psycopg.rows import TupleRow

from secops.migrate.connect import Command, Link
from secops.migrate.model import Statement

Cursor = psycopg.Cursor[TupleRow]


@dataclass(slots=True, kw_only=True)
class Query:
    """Something to send; `statement` is set where it stands in a file.

    Without `values`, the text is sent as it is. `heard` is called as soon as the answer is here,
    before those of later queries. `answer` is None until there is one.
    """

    text: bytes
    values: Sequence[object] | None = None
    statement: Statement | None = None
    heard: Callable[[], None] | None = None
    answer: Cursor | None = field(default=None, init=False)

    @property
    def tag(self) -> str:
        """The server's command tag, such as `COMMIT`; empty as long as there is no answer."""
        return (self.answer.statusmessage if self.answer else None) or ""

    @property
    def rows(self) -> int:
        """How many rows it returned or changed; -1 as long as there is no answer."""
        return self.answer.rowcount if self.answer else -1

    def value(self) -> str:
        """The first column of the answer's first row; empty if there is none."""
        row = self.answer.fetchone() if self.answer and self.answer.description else None
        return str(row[0]) if row else ""


def of(part: Statement | Command) -> Query:
    """A statement of a file as it stands there, or one of our own."""
    if isinstance(part, Statement):
        return Query(text=part.text.encode(), statement=part)
    return Query(text=part.text, values=part.values)


def exchange(link: Link, queries: Sequence[Query]) -> None:
    """Send all and wait for the answers. Raises the first error, as psycopg.Error."""
    for copies, some in groupby(queries, key=_is_copy):
        if copies:
            _copy(link, some)
        else:
            _pipeline(link, some)


def first_unanswered(queries: Iterable[Query]) -> Query | None:
    """The one that failed, if the exchange did."""
    return next((query for query in queries if query.answer is None), None)


def _is_copy(query: Query) -> bool:
    return query.statement is not None and query.statement.copy_data is not None


def _pipeline(link: Link, queries: Iterable[Query]) -> None:
    sent: list[tuple[Query, Cursor]] = []
    error: psycopg.Error | None = None
    try:
        with link.pipeline():
            try:
                for query in queries:
                    cursor = link.cursor()
                    sent.append((query, cursor))
                    cursor.execute(query.text, query.values)
                    if query.heard:  # have the server send this answer at once, not with the last
                        link.pgconn.send_flush_request()
                _listen(sent)
            except psycopg.Error as early:
                # Leaving the block with an error would have psycopg log others, with values of rows.
                error = early
    except psycopg.Error as late:
        error = error or late
    for query, cursor in sent:
        if cursor.pgresult is not None:
            query.answer = cursor
    if error is not None:
        raise error


def _listen(sent: Iterable[tuple[Query, Cursor]]) -> None:
    for query, cursor in sent:
        if query.heard:
            cursor.nextset()  # in a pipeline, this waits for the answer
            query.answer = cursor
            query.heard()


def _copy(link: Link, queries: Iterable[Query]) -> None:
    for query in queries:
        statement = cast(Statement, query.statement)
        cursor = link.cursor()
        with cursor.copy(statement.text.encode()) as copy:
            copy.write((statement.copy_data or "").encode())
        query.answer = cursor
