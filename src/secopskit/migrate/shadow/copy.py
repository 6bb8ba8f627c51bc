"""Brings a shadow to where its target stands: the schema, without a single row.

By pg_dump where it can read the target; else by running the files again that the target has
already. A part that the shadow does not take (an extension's, say) is left out and noted: what
needs it fails with a message of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from secopskit.errors import SecopsError
from secopskit.migrate.model import Migration, Script, Statement
from secopskit.migrate.read.lexis import SqlFileError, leading_words
from secopskit.migrate.read.split import split
from secopskit.migrate.shadow import platform
from secopskit.migrate.shadow.dump import NoDumpError
from secopskit.migrate.shadow.extensions import Extensions
from secopskit.migrate.shadow.facts import TargetFacts

_RESTRICT: Final = re.compile(r"^\\(?:un)?restrict .*$", re.MULTILINE)
_MOST_NOTES: Final = 5
_HARMLESS: Final = frozenset({"42P06"})  # CREATE SCHEMA public: it is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How the shadow got its schema: `pg_dump`, `replay` or `nothing`; `notes` are for the report.

    `supabase`: whether what runs there is meant for a Supabase project.
    """

    how: str
    supabase: bool = False
    notes: tuple[str, ...] = ()


def copy_schema(
    session: psycopg.Connection[Any],
    extensions: Extensions,
    *,
    dump: Callable[[], str] | None,
    facts: TargetFacts | None,
    before: Sequence[Migration],
    pending: Sequence[Script],
) -> Copied:
    """Fill the shadow behind `session`.

    `dump` gives the target's schema or raises NoDumpError; `before` are the files that the target
    has already, in order.

    Raises SecopsError when neither way leads there.
    """
    notes: list[str] = []
    if dump is not None and facts is not None:
        try:
            text = dump()
        except NoDumpError as error:
            notes.append(f"the target's schema was rebuilt from its files: {error}")
        else:
            notes += _restore(session, extensions, text)
            notes += [f"schema {name} is not readable: left out" for name in facts.unreadable]
            return Copied(how="pg_dump", supabase=facts.supabase, notes=tuple(notes))
    scripts = [migration.up for migration in before]
    supabase = platform.is_meant(facts, (*scripts, *pending))
    if supabase:
        notes.append(platform.stand_in_for_it(session, extensions))
    for script in scripts:
        try:
            _run(session, extensions, script.statements)
        except psycopg.Error as error:
            raise SecopsError(
                f"{script.path}: fails when run again on an empty database: {error.diag.message_primary}",
                advice="The shadow could not be brought to where the target stands. Install pg_dump of the "
                "target's version (Debian, Ubuntu: postgresql-client), or squash the old files.",
            ) from None
        _reset(session)
    return Copied(how="replay" if scripts else "nothing", supabase=supabase, notes=tuple(notes))


def _restore(session: psycopg.Connection[Any], extensions: Extensions, text: str) -> list[str]:
    """Run a dump statement by statement; what fails is left out. Returns notes."""
    try:
        statements = split(_RESTRICT.sub("", text))
    except SqlFileError as error:
        raise SecopsError(f"pg_dump's output is not understood: {error}") from None
    failed = []
    for statement in statements:
        try:
            _run(session, extensions, (statement,))
        except psycopg.errors.InsufficientPrivilege as error:
            # FOR ALL TABLES: its owner is a superuser on the target, too.
            if leading_words(statement.text) != ("create", "publication"):
                failed.append(error.diag.message_primary or "")
            else:
                extensions.elevation.run(session, [statement.text])
        except psycopg.Error as error:
            if error.sqlstate not in _HARMLESS:
                failed.append(error.diag.message_primary or "")
    _reset(session)
    notes = [f"not copied to the shadow: {words}" for words in dict.fromkeys(failed)]
    more = len(notes) - _MOST_NOTES
    return notes[:_MOST_NOTES] + ([f"not copied to the shadow: {more} other things"] if more > 0 else [])


def _run(session: psycopg.Connection[Any], extensions: Extensions, statements: Sequence[Statement]) -> None:
    for statement in statements:
        if extensions.intercept(statement):
            continue
        if statement.copy_data is None:
            session.execute(extensions.adapted(statement.text).encode())
        else:
            with session.cursor().copy(statement.text.encode()) as copy:
                copy.write(statement.copy_data.encode())


def _reset(session: psycopg.Connection[Any]) -> None:
    """What a file or a dump set (its empty search_path, above all) ends with it."""
    session.execute("RESET ALL")
    session.execute("RESET SESSION AUTHORIZATION")
    session.execute("RESET ROLE")
