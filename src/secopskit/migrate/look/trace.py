"""What a statement does to the relations of a database: locks taken, files rewritten, tables read whole.

PostgreSQL tells it all about the transaction we are in: `pg_locks` holds each lock with its mode,
a new `relfilenode` means that a relation was written anew, and a counter of sequential scans tells
a table that was read from end to end. Held against the look before, that is what the statement did.
No special rights are needed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, LiteralString

import psycopg

from secopskit.migrate.look.quiet import EVENT_TRIGGERS, GRANTS_LOCK, is_grant, is_quiet
from secopskit.migrate.look.snapshot import (
    LeftOut,
    LockSnapshot,
    Relation,
    Relations,
    take_locks,
    take_snapshot,
)
from secopskit.migrate.model import LockTaken, Statement, StatementReport
from secopskit.migrate.read.lexis import leading_words

# What each mode keeps others from holding, as letters of the modes in this order.
_MODES: Final = {
    "AccessShareLock": "h",
    "RowShareLock": "gh",
    "RowExclusiveLock": "efgh",
    "ShareUpdateExclusiveLock": "defgh",
    "ShareLock": "cdfgh",
    "ShareRowExclusiveLock": "cdefgh",
    "ExclusiveLock": "bcdefgh",
    "AccessExclusiveLock": "abcdefgh",
}
# Of relations: the columns that this transaction made or changed.
_COLUMNS: Final[LiteralString] = """
    SELECT attrelid::bigint, attname, attnum, attisdropped,
           attnotnull AND NOT atthasdef AND attidentity OPERATOR(pg_catalog.=) ''
           AND attgenerated OPERATOR(pg_catalog.=) ''
      FROM pg_catalog.pg_attribute
     WHERE attrelid OPERATOR(pg_catalog.=) ANY(%s) AND attnum OPERATOR(pg_catalog.>) 0
       AND xmin::pg_catalog.text::bigint OPERATOR(pg_catalog.=) (
           pg_catalog.pg_current_xact_id()::pg_catalog.text::bigint OPERATOR(pg_catalog.%%) 4294967296)"""
_KINDS: Final = {
    "r": "table",
    "p": "table",
    "m": "materialized view",
    "i": "index",
    "I": "index",
    "v": "view",
    "f": "foreign table",
    "S": "sequence",
}
_HAS_FILE: Final = frozenset("rmi")
_IS_TABLE: Final = frozenset("rm")
_INDEX: Final = "i"
_LITERAL: Final = re.compile(
    r"""(--[^\n]*|/\*.*?\*/)|("[^"]*")|'[^']*'|\$([A-Za-z_]\w*|)\$.*?\$\3\$""", re.DOTALL
)
_MUCH: Final = 500  # relations
# Where it takes more than that to tell what is a literal.
_INTRICATE: Final = re.compile(r"\\|/\*(?:(?!\*/).)*/\*", re.DOTALL)

Execute = Callable[[Statement], "int | None"]


@dataclass(slots=True, kw_only=True)
class Tracer:
    """Runs the statements of a transaction and reports on each.

    `known` are the relations that were there before anything ran: only those are in anybody's way.
    `sizes` are bytes by the name that a relation had then.
    """

    connection: psycopg.Connection[Any]
    known: Relations
    sizes: Mapping[str, int] = field(default_factory=dict)
    _before: LockSnapshot | None = None
    _inherited: frozenset[tuple[int, str]] = frozenset()
    _dropped: set[tuple[int, int]] = field(default_factory=set)
    _watched: bool = False
    _bounds: LeftOut = field(default_factory=LeftOut)
    _at_first: int = 0
    _made_much: bool = False

    def begin(self) -> None:
        """To be called before the first statement of a file: locks that are held by now are not its own."""
        self._made_much = False
        self._before = take_snapshot(self.connection, last=self._before)
        newest = max(self._before.relations, default=0)
        self._bounds, self._at_first = LeftOut(newest, newest), len(self._before.relations)
        self._inherited = self._before.locks
        self._watched = bool(self.connection.execute(EVENT_TRIGGERS).fetchall())

    def skip(self) -> None:
        """What happened since the last statement is not the next one's doing."""
        self._before = self._take(self._before)

    def run(self, statement: Statement, execute: Execute) -> StatementReport:
        """Run a statement by `execute`, which returns the number of rows, and report on it."""
        before = self._before or self._take(None)
        started = time.perf_counter()
        rows = execute(statement)
        duration = (time.perf_counter() - started) * 1000
        self._watched |= leading_words(statement.text, 0, 2)[1:] == ("event",)
        after = self._before = self._look(statement, before)
        report = self.report(statement, before, after, duration_ms=duration, rows=rows)
        if leading_words(statement.text, 0, 1) not in (("alter",), ("do",)):
            return report
        required, dropped = self._columns(before, after)
        return replace(report, required=tuple(required), drops=(*report.drops, *dropped))

    def _look(self, statement: Statement, before: LockSnapshot) -> LockSnapshot:
        """What there is after `statement`, with no more looks than it takes."""
        if self._watched or not is_quiet(statement.text):
            return self._take(before)
        if self.connection.info.server_version < GRANTS_LOCK or not is_grant(statement.text):
            return before
        with self.connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
            return replace(before, locks=take_locks(cursor, left_out=self._left_out()))

    def _take(self, last: LockSnapshot | None) -> LockSnapshot:
        snapshot = take_snapshot(self.connection, last=last, left_out=self._left_out())
        self._made_much |= len(snapshot.relations) - self._at_first > _MUCH
        newest = max(snapshot.relations, default=0)
        self._bounds = self._bounds._replace(upto=max(newest, self._bounds.upto))
        return snapshot

    def _left_out(self) -> LeftOut:
        """What earlier statements of the file have made, if that is much.

        Nobody else uses it yet, and every look at all of it would cost more than the one before.
        """
        return self._bounds if self._made_much else LeftOut()

    def report(
        self,
        statement: Statement,
        before: LockSnapshot,
        after: LockSnapshot,
        *,
        duration_ms: float,
        rows: int | None = None,
    ) -> StatementReport:
        """What happened between two looks."""
        old, new = before.relations, after.relations
        if old is new and before.locks == after.locks:
            return StatementReport(
                line=statement.line, text=gist(statement.text), duration_ms=round(duration_ms, 3), rows=rows
            )
        truncates = leading_words(statement.text, 0, 1) == ("truncate",)  # a new file, but an empty one
        return StatementReport(
            line=statement.line,
            text=gist(statement.text),
            duration_ms=round(duration_ms, 3),
            locks=self._locks(before, after),
            rewrites=() if truncates else tuple(_rewrites(old, new)),
            scans=() if truncates else tuple(_scans(old, new)),
            rows=rows,
            drops=tuple(sorted(self.known[oid].name for oid in _gone(old, new) if oid in self.known)),
            renames=tuple(sorted(_renames(old, new, self.known))),
        )

    def _columns(self, before: LockSnapshot, after: LockSnapshot) -> tuple[list[str], list[str]]:
        """Of known tables: new columns without a default that must have a value, and dropped columns."""
        exclusive = [oid for oid, mode in after.locks if mode == "AccessExclusiveLock" and oid in self.known]
        required, dropped = [], []
        for oid, name, number, gone, empty in self.connection.execute(_COLUMNS, (exclusive,)).fetchall():
            relation = before.relations.get(oid)
            if relation is None:
                continue
            if gone and number <= self.known[oid].columns and (oid, number) not in self._dropped:
                self._dropped.add((oid, number))
                dropped.append(f"a column of {relation.name}")
            elif empty and number > relation.columns:
                required.append(f"{relation.name}.{name}")
        return required, dropped

    def _locks(self, before: LockSnapshot, after: LockSnapshot) -> tuple[LockTaken, ...]:
        """Locks on what the statement locked or worked on, with those that were held on it before."""
        touched = {oid for oid, _ in after.locks - before.locks}
        touched |= {
            oid
            for oid, relation in after.relations.items()
            if relation != before.relations.get(oid, relation)
        }
        modes: dict[int, set[str]] = {}
        for oid, mode in after.locks - self._inherited:
            if oid in touched:
                modes.setdefault(oid, set()).add(mode)
        found = [
            self._lock(oid, relation, mode)
            for oid, taken in modes.items()
            # None is a catalog, or a relation that the statement made and dropped.
            if (relation := before.relations.get(oid) or after.relations.get(oid))
            for mode in strongest(taken)
        ]
        return tuple(sorted(found, key=lambda lock: (not lock.existed, lock.relation, lock.mode)))

    def _lock(self, oid: int, relation: Relation, mode: str) -> LockTaken:
        known = self.known.get(oid)
        return LockTaken(
            relation=relation.name,
            mode=mode,
            existed=known is not None,
            size=self.sizes.get(known.name) if known else None,
            kind=_KINDS[relation.kind],
        )


def strongest(modes: Collection[str]) -> list[str]:
    """`modes` without those that another one of them makes superfluous."""
    return [mode for mode in modes if not any(set(_MODES[mode]) < set(_MODES[other]) for other in modes)]


def blocks(mode: str, other: str) -> bool:
    """Whether a session that holds `mode` keeps others from taking `other`."""
    return "abcdefgh"[list(_MODES).index(other)] in _MODES[mode]


def gist(text: str, limit: int = 160) -> str:
    """A statement in one line, without comments, and without the values that it holds."""
    if _INTRICATE.search(text):
        text = re.split(r"['$]", text, maxsplit=1)[0] + "…"
    bare = _LITERAL.sub(lambda match: match[2] or (" " if match[1] else "'…'"), text)
    words = " ".join(bare.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _rewrites(before: Relations, after: Relations) -> Iterable[str]:
    """Relations with a new file: same relation, other file; or same index, made anew under its name."""
    old_names = {relation.name: oid for oid, relation in before.items() if relation.kind == _INDEX}
    found = set()
    for oid, relation in after.items():
        old = before.get(oid) or before.get(old_names.get(relation.name, 0))
        if old and relation.kind in _HAS_FILE and old.filenode != relation.filenode:
            found.add(old.name)
    return sorted(found)


def _scans(before: Relations, after: Relations) -> Iterable[str]:
    """Tables of which a sequential scan was begun."""
    return sorted(
        before[oid].name
        for oid, relation in after.items()
        if relation.kind in _IS_TABLE and oid in before and relation.scans > before[oid].scans
    )


def _gone(before: Relations, after: Relations) -> Iterable[int]:
    """Tables and materialised views that are there no more."""
    return [oid for oid, relation in before.items() if relation.kind in "rpm" and oid not in after]


def _renames(before: Relations, after: Relations, known: Relations) -> Iterable[str]:
    """Tables and views whose name changed."""
    return [
        f"{before[oid].name} to {relation.name}"
        for oid, relation in after.items()
        if oid in before and oid in known and relation.kind in "rpmv" and relation.name != before[oid].name
    ]
