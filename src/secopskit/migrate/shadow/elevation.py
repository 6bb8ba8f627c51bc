"""What a file may not do itself, done by the superuser within the file's own transaction.

A function of the superuser's runs the statements that we hand it, and nobody else: it asks for a
word of which the database holds a hash only. What it makes is seen by the file at once, in schemas
that are not committed yet, and goes when the file is rolled back.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import psycopg
from psycopg import sql

from secopskit.secret import SecretValue

# In the schema of our own state, which nothing of ours looks at. Whoever calls it gives the path in
# which names are looked up; it ends with the function.
_FUNCTION: Final = """
    CREATE FUNCTION secops.elevated(word text, path text, statements text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
    DECLARE statement text;
    BEGIN
        IF encode(sha256(convert_to(word, 'UTF8')), 'hex') <> {} THEN
            RAISE insufficient_privilege USING MESSAGE = 'permission denied for function elevated';
        END IF;
        PERFORM set_config('search_path', path, true);
        FOREACH statement IN ARRAY statements LOOP
            EXECUTE statement;
        END LOOP;
    END $function$"""
_PATH: Final = (
    "SELECT pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.quote_ident(name)"
    " FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) AS name), ', ')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elevation:
    """How statements run with more rights than a session has. Without a `word`: as the session itself."""

    word: SecretValue | None = None

    @classmethod
    def prepare(cls, admin: psycopg.Connection[Any], role: str) -> Elevation:
        """Let sessions of `role` in the database of `admin`, the superuser's session, be helped."""
        word = secrets.token_urlsafe(24)
        admin.execute("CREATE SCHEMA secops")
        admin.execute(sql.SQL(_FUNCTION).format(sql.Literal(sha256(word.encode()).hexdigest())))
        admin.execute(sql.SQL("GRANT USAGE ON SCHEMA secops TO {}").format(sql.Identifier(role)))
        return cls(word=SecretValue(word.encode()))

    def run(
        self, session: psycopg.Connection[Any], statements: Sequence[str], *, path: str | None = None
    ) -> None:
        """Run `statements` in the session's transaction; all of them are ours, or looked at by us.

        `path` is where names are looked up, as `search_path` spells it; None: where the session does.
        Raises psycopg.Error.
        """
        if path is None:
            row = session.execute(_PATH).fetchone()
            path = row[0] if row else ""
        if self.word is not None:
            session.execute(
                "SELECT secops.elevated(%s, %s, %s)", (self.word.reveal().decode(), path, list(statements))
            )
            return
        with session.transaction():
            before = session.execute("SELECT pg_catalog.current_setting('search_path')").fetchone()
            session.execute("SELECT pg_catalog.set_config('search_path', %s, true)", (path,))
            for statement in statements:
                session.execute(statement.encode())
            session.execute("SELECT pg_catalog.set_config('search_path', %s, true)", before)
