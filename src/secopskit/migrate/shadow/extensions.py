"""Extensions that the shadow's server lacks, or that only a superuser may create.

What is installed there is created by the superuser, within the file's own transaction. What is not
is entered as an extension all the same, with stand-ins (`stand_ins`) or with nothing in it, so that
what asks for it goes on: enough to try a migration, not to run an application. The report says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

import psycopg

from secopskit.migrate.model import Statement
from secopskit.migrate.shadow.elevation import Elevation
from secopskit.migrate.shadow.index_options import without_options
from secopskit.migrate.shadow.membership import adopt, enter, hand_over
from secopskit.migrate.shadow.requests import (
    ExtensionRequest,
    changes,
    creates,
    creates_within,
    quoted,
    sets_custom,
)
from secopskit.migrate.shadow.stand_ins import StandIn, stand_in
from secopskit.named_tuple import NamedTuple

_AVAILABLE: Final[LiteralString] = """
    SELECT bool_or(trusted OR NOT superuser), bool_or(version = %s),
           bool_or(EXISTS (SELECT FROM pg_catalog.unnest(requires) AS needed
                            WHERE needed NOT IN (SELECT extname FROM pg_catalog.pg_extension)))
      FROM pg_catalog.pg_available_extension_versions WHERE name = %s"""
_THERE: Final[LiteralString] = "SELECT FROM pg_catalog.pg_extension WHERE extname = %s"
_PLACE: Final[LiteralString] = (
    "SELECT nspname FROM pg_catalog.pg_namespace WHERE oid ="
    " coalesce(nullif(%s, ''), pg_catalog.quote_ident(current_schema()), 'public')::pg_catalog.regnamespace"
)
# What a name that the server does not know is answered with: types, functions, tables, columns, schemas.
_UNKNOWN: Final = frozenset({"42704", "42883", "42P01", "42703", "3F000", "0A000"})
_REACHES_OUT: Final = frozenset({"dblink", "postgres_fdw", "mysql_fdw", "oracle_fdw", "tds_fdw"})
_NOT_HERE: Final = "is not on the shadow's server"


class _Available(NamedTuple):
    """How an extension is there: `trusted`: any role may create it; `version`: the one asked for is there."""

    trusted: bool
    version: bool
    needs_others: bool


@dataclass(slots=True, kw_only=True)
class Extensions:
    """Stands between a file and the server where extensions are concerned. `notes` gathers what to tell.

    `version` is the server's major one.
    """

    session: psycopg.Connection[Any]
    elevation: Elevation
    version: int
    notes: list[str] = field(default_factory=list)
    _missing: dict[str, StandIn | None] = field(default_factory=dict)
    _ground: dict[str, StandIn | None] = field(default_factory=dict)

    @property
    def missing(self) -> frozenset[str]:
        """The extensions that were asked for and are not on the server."""
        return frozenset(self._missing | self._ground)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """For the block: what is created is not what the files ask for, and is not told of."""
        noted, self.notes, asked, self._missing = self.notes, [], self._missing, {}
        try:
            yield
        finally:
            self._ground |= self._missing
            self.notes, self._missing = noted, asked

    def intercept(self, statement: Statement) -> bool:
        """Do what `statement` asks for where an extension is concerned; False: the session can do it."""
        for within in creates_within(statement.text):
            if not self._is_there(within.name):
                self._create(within)
                self.notes.append(f"extension {within.name}: created ahead of the block that asks for it")
        if request := creates(statement.text):
            if self._is_there(request.name):
                return False
            self._create(request)
            return True
        if sets_custom(statement.text):
            return self._try_setting(statement.text)
        if change := changes(statement.text):
            if change.updates and change.name in self.missing:
                self.notes.append(f"extension {change.name} {_NOT_HERE}: its update was not tried")
                return True
            if self.elevation.word is not None:
                self.elevation.run(self.session, [statement.text])
                return True
        return False

    def _try_setting(self, text: str) -> bool:
        """Set what the role may set. Elsewhere it may be allowed: it would hold from the next session on."""
        try:
            with self.session.transaction():
                self.session.execute(text.encode())
        except psycopg.errors.InsufficientPrivilege as error:
            self.notes.append(f"{error.diag.message_primary}: not tried here; see that the target's role may")
        return True

    def adapted(self, text: str) -> str:
        """`text` as it can be run with stand-ins: without the options of an index that they do not know."""
        methods = self._methods()
        bare = without_options(text, methods) if methods else text
        if bare != text:
            self.notes.append(f"options of an index were not tried ({', '.join(sorted(methods))})")
        return bare

    def blurs(self, kind: str, definition: str) -> bool:
        """Whether an object of that kind (index, column) may read differently with the extension itself."""
        if kind == "index":
            return any(f"USING {method} " in definition for method in self._methods())
        types = {name for known in self._stood_in() for name in known.types}
        return kind == "column" and any(re.search(rf"\b{name}\b", definition) for name in types)

    def _methods(self) -> set[str]:
        return {method for known in self._stood_in() for method in known.index_methods}

    def _stood_in(self) -> list[StandIn]:
        return [known for known in self._missing.values() if known]

    def advice(self, sqlstate: str) -> str:
        """What to do where a name is not known, and may be an extension's that is not here; else empty."""
        if sqlstate not in _UNKNOWN or not self._missing:
            return ""
        names = ", ".join(self._missing)
        known = [self._package(name) for name in self._missing]
        packages = f" (Debian, Ubuntu: {' '.join(filter(None, known))})" if any(known) else ""
        verb = "are" if len(self._missing) > 1 else "is"
        return (
            f"If it belongs to {names}, which {verb} not on the shadow's server: install that{packages}, "
            "or name a server that has it in SHADOW_DATABASE_URL."
        )

    def _create(self, request: ExtensionRequest) -> None:
        """Create an extension that is not there. Raises psycopg.Error."""
        known, available = stand_in(request.name), self._available(request)
        if available is None or (known and known.instead):
            self._stand_in(request, known)
            return
        if request.version and not available.version:
            self.notes.append(f"extension {request.name}: its default version here, not {request.version}")
            request = request._replace(version="")
        alone = self.elevation.word is None or (available.trusted and not available.needs_others)
        self._install(request, known, alone=alone)

    def _available(self, request: ExtensionRequest) -> _Available | None:
        row = self.session.execute(_AVAILABLE, (request.version, request.name)).fetchone()
        return _Available(*row) if row and row[0] is not None else None

    def _is_there(self, name: str) -> bool:
        return bool(self.session.execute(_THERE, (name,)).fetchall())

    def _install(self, request: ExtensionRequest, known: StandIn | None, *, alone: bool) -> None:
        """By the superuser, if the session cannot do it `alone`.

        What must be loaded when the server starts, or lacks its library, is stood in for.
        """
        try:
            with self.session.transaction():
                if alone:
                    self.session.execute(request.statement().encode())
                else:
                    self.elevation.run(self.session, [request.statement()])
                    self._by_us(hand_over())
        except (
            psycopg.errors.ObjectNotInPrerequisiteState,
            psycopg.errors.InternalError,
            psycopg.errors.UndefinedFile,
        ):
            if known is None:
                raise
            self._stand_in(request, known)
            return
        if request.name in _REACHES_OUT:
            self.notes.append(
                f"extension {request.name} is the real one: what the files do through it is done, "
                "on whichever server they name"
            )

    def _stand_in(self, request: ExtensionRequest, known: StandIn | None) -> None:
        """Enter it as an extension, with what there is of it."""
        for needed in known.requires if known else ():
            if not self._is_there(needed):
                self._create(ExtensionRequest(needed, request.schema))
        self._missing[request.name] = known
        place = (known.schema if known else "") or self._place(request.schema)
        made = known.statements(quoted(place)) if known else ()
        entered = True
        try:
            with self.session.transaction():
                if known and known.schema:
                    self._by_us([f"CREATE SCHEMA IF NOT EXISTS {quoted(place)} AUTHORIZATION SESSION_USER"])
                self._by_us(enter(request.name, request.version or "0", place))
                self.elevation.run(self.session, made, path=quoted(place))
                self._by_us(adopt(request.name))
        except psycopg.errors.InsufficientPrivilege:
            entered = False  # on a given server, where we are no superuser
        self.notes.append(self._note(request.name, known if entered else None))

    def _by_us(self, statements: Sequence[str]) -> None:
        """As the superuser, who looks up names where no file can have put anything."""
        self.elevation.run(self.session, statements, path="pg_catalog")

    def _place(self, schema: str) -> str:
        """The schema that an extension goes to. Raises psycopg.Error if there is none of that name."""
        row = self.session.execute(_PLACE, (quoted(schema) if schema else "",)).fetchone()
        return str(row[0]) if row else "public"

    def _note(self, name: str, known: StandIn | None) -> str:
        if known is None:
            return (
                f"extension {name} is not on the shadow's server: left out. What needs it fails: install its "
                f"package for PostgreSQL {self.version}, or name a server that has it in SHADOW_DATABASE_URL"
            )
        if known.instead:
            return f"extension {name}: stand-ins in its place, so that nobody else is reached: {known.unlike}"
        return f"extension {name} is not on the shadow's server: stand-ins in its place: {known.unlike}"

    def _package(self, name: str) -> str:
        known = self._missing.get(name)
        return known.package.replace("{version}", str(self.version)) if known else ""
