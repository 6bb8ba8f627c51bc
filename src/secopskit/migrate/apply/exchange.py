"""Sends statements to the server without waiting in between, and knows which one failed.

One exchange is one round trip, however many statements it holds. After an error the server
skips the rest of it, which is what lets a COMMIT and what depends on it travel together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Final, cast

import psycopg
from psycopg.rows import TupleRow

from secopskit.migrate.model import Statement
from secopskit.postgres.connect import Command, Link

_BATCH: Final = 1000  # queries whose answers are in memory at once
Cursor = psycopg.Cursor[TupleRow]


@dataclass(slots=True, kw_only=True)
class Query:
    """Something to send; `statement` is set where it stands in a file.

    Without `values`, the text is sent as it is. `heard` is called as soon as the answer is here,
    before those of later queries. What the server answers to statements of files is not kept.
    """

    text: bytes
    values: Sequence[object] | None = None
    statement: Statement | None = None
    heard: Callable[[], None] | None = None
    answered: bool = field(default=False, init=False)
    answer: Cursor | None = field(default=None, init=False)

    @property
    def tag(self) -> str:
        """The server's command tag, such as `COMMIT`; empty as long as there is no answer."""
        return (self.answer.statusmessage if self.answer else None) or ""

    @property
    def rows(self) -> int:
        """How many rows a query of ours returned or changed; -1 as long as there is no answer."""
        return self.answer.rowcount if self.answer else -1

    def value(self) -> str:
        """The first column of the answer's first row; empty if there is none."""
        row = self.answer.fetchone() if self.answer and self.answer.description else None
        return str(row[0]) if row else ""

    def take(self, cursor: Cursor) -> None:
        """The answer is here."""
        self.answered = True
        if self.statement is None:
            self.answer = cursor


def query_of(part: Statement | Command) -> Query:
    """A statement of a file as it stands there, or one of our own."""
    if isinstance(part, Statement):
        return Query(text=part.text.encode(), statement=part)
    return Query(text=part.text, values=part.values)


def exchange(link: Link, queries: Sequence[Query]) -> None:
    """Send all and wait for the answers. Raises the first error, as psycopg.Error.

    It takes another round trip for each COPY, and for each thousand queries.
    """
    for copies, some in groupby(queries, key=_is_copy):
        if copies:
            _copy(link, some)
        else:
            while batch := tuple(islice(some, _BATCH)):
                _pipeline(link, batch)


def _is_copy(query: Query) -> bool:
    return query.statement is not None and query.statement.copy_data is not None


def _pipeline(link: Link, queries: Iterable[Query]) -> None:
    sent: list[tuple[Query, Cursor]] = []
    error: psycopg.Error | None = None
    try:
        with link.writing_first(), link.pipeline():
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
            query.take(cursor)
    if error is not None:
        raise error


def _listen(sent: Iterable[tuple[Query, Cursor]]) -> None:
    for query, cursor in sent:
        if query.heard:
            cursor.nextset()  # in a pipeline, this waits for the answer
            query.take(cursor)
            query.heard()


def _copy(link: Link, queries: Iterable[Query]) -> None:
    for query in queries:
        statement = cast(Statement, query.statement)
        cursor = link.cursor()
        with cursor.copy(statement.text.encode()) as copy:
            copy.write((statement.copy_data or "").encode())
        query.take(cursor)
