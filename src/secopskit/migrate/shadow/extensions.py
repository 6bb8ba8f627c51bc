"""Extensions that the shadow's server lacks, or that only a superuser may create.

What is installed there is created by the superuser, beside the file's transaction. For what is
not, SQL stand-ins are made of some extensions that applications call by name: enough to try a
migration, not to run an application. Others are left out, and the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

import psycopg
from psycopg import sql

from secopskit.migrate.model import Statement
from secopskit.migrate.read.split import split

_NAME: Final = r'(?:"(?P<{0}q>[^"]+)"|(?P<{0}>[A-Za-z_][\w$-]*))'
_FILE: Final = re.compile(r"[a-z0-9_-]+")
_SPACE: Final = r"(?:\s|--[^\n]*\n|/\*.*?\*/)+"
_CREATE: Final = re.compile(
    rf"\s*create{_SPACE}extension{_SPACE}(?P<unless>if\s+not\s+exists\s+)?{_NAME.format('name')}"
    rf"(?:(?!\bschema\b).)*(?:\bschema\s+{_NAME.format('schema')})?",
    re.IGNORECASE | re.DOTALL,
)
_ABOUT: Final = re.compile(
    rf"\s*(?:comment{_SPACE}on|alter|drop){_SPACE}extension{_SPACE}(?:if\s+exists\s+)?{_NAME.format('name')}",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(slots=True, kw_only=True)
class Extensions:
    """Stands between a file and the server where extensions are concerned. `notes` gathers what to tell."""

    session: psycopg.Connection[Any]
    connect_admin: Callable[[], psycopg.Connection[Any]]
    notes: list[str] = field(default_factory=list)
    _missing: set[str] = field(default_factory=set)
    _installed: set[str] = field(default_factory=set)

    @property
    def missing(self) -> frozenset[str]:
        """The extensions that were asked for and are not on the server."""
        return frozenset(self._missing)

    def intercept(self, statement: Statement) -> bool:
        """Do what `statement` asks for, if it is about an extension the session cannot create itself."""
        if about := _ABOUT.match(statement.text):
            return self._about(_word(about, "name"), statement)
        create = _CREATE.match(statement.text)
        if not create:
            return False
        name, schema = _word(create, "name"), _word(create, "schema")
        if self._is_there(name):
            return bool(create["unless"])
        known = self.session.execute(
            "SELECT bool_or(trusted) FROM pg_catalog.pg_available_extension_versions WHERE name = %s", (name,)
        ).fetchone()
        trusted = known[0] if known else None
        if trusted is None:
            self._stand_in(name, schema)
        elif trusted and self._installs_itself(name):
            return False
        else:
            self._install(name, schema)
        return True

    def _about(self, name: str, statement: Statement) -> bool:
        if name in self._installed:
            with self.connect_admin() as admin:
                admin.execute(statement.text.encode())
        return name in self._missing or name in self._installed

    def _is_there(self, name: str) -> bool:
        return bool(
            self.session.execute("SELECT FROM pg_catalog.pg_extension WHERE extname = %s", (name,)).fetchall()
        )

    def _installs_itself(self, name: str) -> bool:
        """Whether what it requires is there; its CASCADE might ask for one that is not trusted."""
        row = self.session.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions,"
            " unnest(requires) AS needed WHERE name = %s"
            " AND needed NOT IN (SELECT extname FROM pg_catalog.pg_extension))",
            (name,),
        ).fetchone()
        return row == (True,)

    def _install(self, name: str, schema: str) -> None:
        """As the superuser, who sees only schemas that are committed: a new one is made there and then."""
        self._installed.add(name)
        where = sql.SQL("SCHEMA {}").format(sql.Identifier(schema)) if schema else sql.SQL("")
        with self.connect_admin() as admin:
            there = admin.execute("SELECT pg_catalog.to_regnamespace(%s)", (_quoted(schema),)).fetchone()
            if schema and there == (None,):
                where = sql.SQL("")
                self.notes.append(f"extension {name}: created outside of its new schema {schema}")
            admin.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {} {} CASCADE").format(sql.Identifier(name), where)
            )

    def _stand_in(self, name: str, schema: str) -> None:
        self._missing.add(name)
        stub = resources.files("secopskit.migrate.shadow") / "stubs" / f"{name}.sql"
        if not _FILE.fullmatch(name) or not stub.is_file():
            self.notes.append(f"extension {name} is not on the shadow's server: left out")
            return
        self.notes.append(f"extension {name} is not on the shadow's server: stand-ins in its place")
        row = self.session.execute(
            "SELECT pg_catalog.quote_ident(coalesce(nullif(%s, ''), current_schema(), 'public'))", (schema,)
        ).fetchone()
        place = row[0] if row else ""
        for part in split(stub.read_text(encoding="utf-8").replace("@schema@", place)):
            self.session.execute(part.text.encode())


def _word(match: re.Match[str], group: str) -> str:
    """A name as PostgreSQL reads it: quoted ones as they stand, others in lower case."""
    return match[f"{group}q"] or (match[group] or "").lower()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if name else ""
