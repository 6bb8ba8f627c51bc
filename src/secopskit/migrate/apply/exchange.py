"""Sends statements to the server without waiting in between, and knows which one failed.

One exchange is one round trip, however many statements it holds. After an error the server
skips the rest of it, which is what lets a COMMIT and what depends on it travel together.

The pipeline is libpq's own, without psycopg's cursors: a file takes a dozen statements, most of them
ours, and an answer that was read stays known when the connection ends behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import count, groupby, islice
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import psycopg
from psycopg import errors, pq
from psycopg.pq import ExecStatus
from psycopg.waiting import Ready, Wait

from secopskit.migrate.apply.failure import ClientCopyError
from secopskit.migrate.model import Statement
from secopskit.named_tuple import NamedTuple
from secopskit.postgres.connect import Command, Link

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn, PGresult

_BATCH: Final = 1000  # queries whose answers are in memory at once
_DONE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY})
_COPYING: Final = frozenset({ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH})
_Fault: TypeAlias = psycopg.Error | None


@dataclass(slots=True, kw_only=True)
class Query:
    """Something to send; `statement` is set where it stands in a file.

    `values` (text, whole numbers, truth values, None) stand for each `%s` of the text; without them, it is
    sent as it is. One that is `repeated` is prepared, where the session is ours alone. `heard` is called as
    soon as the answer is here, before those of later queries. What the server answers to statements of files
    is not kept.
    """

    text: bytes
    values: Sequence[object] | None = None
    statement: Statement | None = None
    repeated: bool = False
    heard: Callable[[], None] | None = None
    answered: bool = field(default=False, init=False)
    answer: PGresult | None = field(default=None, init=False)

    @property
    def tag(self) -> str:
        """The server's command tag, such as `COMMIT`; empty as long as there is no answer."""
        return ((self.answer.command_status if self.answer else None) or b"").decode()

    @property
    def rows(self) -> int:
        """How many rows a query of ours returned or changed; -1 as long as there is no answer."""
        if self.answer is None:
            return -1
        changed = self.answer.command_tuples
        return self.answer.ntuples if changed is None else changed

    @property
    def row(self) -> tuple[str | None, ...] | None:
        """The answer's first row, each column as PostgreSQL writes it; None if there is none."""
        answer = self.answer
        if answer is None or not answer.ntuples:
            return None
        values = (answer.get_value(0, column) for column in range(answer.nfields))
        return tuple(None if value is None else value.decode() for value in values)

    @property
    def value(self) -> str:
        """The first column of the answer's first row; empty if there is none."""
        return (self.row or ("",))[0] or ""

    def take(self, answer: PGresult | None) -> None:
        """The answer is here."""
        self.answered = True
        if self.statement is None:
            self.answer = answer
        if self.heard:
            self.heard()


def query_of(part: Statement | Command, *, repeated: bool = False) -> Query:
    """A statement of a file as it stands there, or one of our own.

    The plan of one that is `repeated` may stay that of a small table, until the server analyzes it: right for
    what goes by a key, or over all rows.
    """
    if isinstance(part, Statement):
        return Query(text=part.text.encode(), statement=part)
    return Query(text=part.text, values=part.values, repeated=repeated)


def _nothing() -> None:
    """Nothing to do meanwhile."""


def exchange(link: Link, queries: Sequence[Query], meanwhile: Callable[[], object] = _nothing) -> None:
    """Send all and wait for the answers. Raises the first error, as psycopg.Error.

    It takes another round trip for each COPY, and for each thousand queries. `meanwhile` is called while the
    server works, perhaps several times.
    """
    for copies, some in groupby(queries, key=_is_copy):
        if copies:
            _copy(link, some)
        else:
            while batch := tuple(islice(some, _BATCH)):
                _pipeline(link, batch, meanwhile)


def _is_copy(query: Query) -> bool:
    return query.statement is not None and query.statement.copy_data is not None


def _pipeline(link: Link, queries: Sequence[Query], meanwhile: Callable[[], object]) -> None:
    connection = link.pgconn
    connection.enter_pipeline_mode()
    try:
        # Link.wait has the server cancel what it does if we are interrupted meanwhile.
        error = link.wait(_converse(link, queries, meanwhile))
        if connection.status == pq.ConnStatus.OK:
            connection.exit_pipeline_mode()
    except BaseException:
        link.close()  # answers are still to come that nobody will read
        raise
    if error is not None:
        raise error


def _converse(link: Link, queries: Sequence[Query], meanwhile: Callable[[], object]) -> PQGen[_Fault]:
    """Send `queries` and take their answers; what comes back is the first error, if there is one."""
    connection, encoding = link.pgconn, link.info.encoding
    sent, lost = yield from _send(link, queries)
    meanwhile()
    whole, first, cut = lost is None, cast(_Fault, None), cast(_Fault, None)
    for message in sent:
        answer, cut = yield from _answer(connection)
        lost = lost or cut
        if answer is None or _is_end(connection, answer):
            return first or lost or psycopg.OperationalError("the connection was lost")
        if answer.status in _DONE:
            message.take(answer)
        elif answer.status in _COPYING:
            connection.finish()  # both sides would wait for each other
            return first or ClientCopyError()
        elif answer.status == ExecStatus.FATAL_ERROR:
            first = first or _error(answer, encoding)
    if whole:
        _, cut = yield from _answer(connection, ends=False)  # the one to Sync
    return first or lost or cut


class _Preparation(NamedTuple):
    """What was sent to have a statement of ours prepared."""

    link: Link
    text: bytes
    name: bytes

    def take(self, _: PGresult) -> None:
        """It is prepared."""
        self.link.prepared[self.text] = self.name


def _send(link: Link, queries: Sequence[Query]) -> PQGen[tuple[list[Query | _Preparation], _Fault]]:
    """Send what can be sent: what that was, each with an answer to come, and the error that ended it.

    Answers are taken from the socket meanwhile: the server may wait for that, and what still lies there when
    it cuts the connection off is lost.
    """
    connection, names, sent = link.pgconn, dict(link.prepared), list[Query | _Preparation]()
    try:
        for query in queries:
            text = query.text if query.values is None else _numbered(query.text)
            values = None if query.values is None else [*map(_as_text, query.values)]
            if query.repeated and link.prepares and not link.pooled:
                if text not in names:
                    names[text] = _name_of(text)
                    connection.send_prepare(names[text], text)
                    sent.append(_Preparation(link, text, names[text]))
                connection.send_query_prepared(names[text], values)
            else:
                connection.send_query_params(text, values)
            sent.append(query)
            if query.heard:  # have the server send this answer at once, not with the last
                connection.send_flush_request()
        connection.pipeline_sync()
        while connection.flush():
            if (yield Wait.RW) & Ready.R:
                connection.consume_input()
    except psycopg.OperationalError as lost:
        return sent, lost
    return sent, None


def _answer(connection: PGconn, *, ends: bool = True) -> PQGen[tuple[PGresult | None, _Fault]]:
    """The next answer, and the error if the connection was found to be lost before it was here whole.

    The answer to a query `ends` with nothing, the one to Sync does not.
    """
    lost: _Fault = None
    try:
        while connection.is_busy():
            yield Wait.R
            connection.consume_input()
    except psycopg.OperationalError as error:
        lost = error  # what had come by then is still to be had
    answer = connection.get_result()
    if ends and answer is not None and answer.status not in _COPYING:
        connection.get_result()
    return answer, lost


def _is_end(connection: PGconn, answer: PGresult) -> bool:
    """Whether it is libpq that says this, of a connection that is gone, and not the server.

    It may look well: what the server has said whole has a command's tag or an SQLSTATE.
    """
    if answer.command_status or answer.error_field(pq.DiagnosticField.SQLSTATE):
        return False
    return connection.status != pq.ConnStatus.OK or answer.status == ExecStatus.FATAL_ERROR


def _error(answer: PGresult, encoding: str) -> psycopg.Error:
    state = (answer.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode("ascii", "replace")
    try:
        kind = errors.lookup(state)
    except KeyError:
        kind = errors.OperationalError if state.startswith(("08", "57")) else errors.DatabaseError
    return kind(answer.get_error_message(encoding), info=answer, encoding=encoding)


def _name_of(text: bytes) -> bytes:
    """The name to prepare a statement by: no other text has it, whoever else may use the same backend."""
    return b"secops_" + blake2b(text, digest_size=8).hexdigest().encode()


@lru_cache(maxsize=64)
def _numbered(text: bytes) -> bytes:
    """`text` with $1, $2 in place of each %s, as the protocol wants it."""
    numbers = count(1)
    return re.sub(rb"%s", lambda _: b"$%d" % next(numbers), text)


def _as_text(value: object) -> bytes | None:
    """A value as PostgreSQL reads it; which type it is, the server takes from where it stands."""
    match value:
        case None:
            return None
        case bool():
            return b"true" if value else b"false"
        case int() | str():
            return str(value).encode()
    raise AssertionError(f"unreachable: no command of ours has a value of type {type(value).__name__}")


def _copy(link: Link, queries: Iterable[Query]) -> None:
    for query in queries:
        statement = cast(Statement, query.statement)
        with link.cursor().copy(statement.text.encode()) as copy:
            copy.write((statement.copy_data or "").encode())
        query.take(None)
