"""What Supabase makes in a database before the first migration of a project, as far as they name it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from secopskit.errors import SecopsError
from secopskit.migrate.model import Script
from secopskit.migrate.read.split import split
from secopskit.migrate.shadow.extensions import Extensions
from secopskit.migrate.shadow.facts import TargetFacts
from secopskit.state.smallfiles import read_small

if TYPE_CHECKING:
    import psycopg

# Where the platform's role looks names up.
SEARCH_PATH: Final = '"$user", public, extensions'
# What only the platform makes; its schemas alone have names that others use as well.
_NAMES: Final = re.compile(
    r"\bauth\.(?:users\b|(?:uid|jwt|role|email)\s*\()|\bstorage\.(?:objects|buckets)\b"
    r"|\brealtime\.(?:messages\b|topic\s*\()|\b(?:anon|authenticated|service_role|supabase_(?:realtime|admin|auth_admin|storage_admin))\b",
    re.IGNORECASE,
)
_OWN_AUTH: Final = re.compile(r"\bcreate\s+schema\s+(?:if\s+not\s+exists\s+)?\"?auth\b", re.IGNORECASE)
_NOTE: Final = (
    "stand-ins for what Supabase makes itself (schemas auth, storage, realtime, vault, extensions): "
    "they have its names and types, and what it does there was not tried"
)


def wanted_version(scripts: Sequence[Script]) -> int | None:
    """The major version of PostgreSQL that a project's `supabase/config.toml` names, if it does."""
    for directory in sorted({_directory(script) for script in scripts} - {""}):
        try:
            text = read_small(os.path.join(directory, "config.toml")).decode()
            version = tomllib.loads(text).get("db", {}).get("major_version")
        except (SecopsError, OSError, ValueError, AttributeError):
            continue
        if isinstance(version, int):
            return version
    return None


def is_meant(facts: TargetFacts | None, scripts: Sequence[Script]) -> bool:
    """Whether the files are a Supabase project's: its database says so, or without one the files."""
    if facts is not None:
        return facts.supabase
    if any(_directory(script) for script in scripts):
        return True
    return any(_NAMES.search(script.text) for script in scripts) and not any(
        _OWN_AUTH.search(script.text) for script in scripts
    )


def _directory(script: Script) -> str:
    """The directory `supabase` of a file in its `migrations`; empty for every other file."""
    above = os.path.dirname(os.path.dirname(os.path.abspath(script.path)))
    return above if os.path.basename(above) == "supabase" else ""


def stand_in_for_it(session: psycopg.Connection[Any], extensions: Extensions) -> str:
    """Make it, in an empty database. Returns a note."""
    text = resources.files("secopskit.migrate.shadow") / "supabase.sql"
    with extensions.quiet(), session.transaction():
        session.execute("CREATE SCHEMA extensions; CREATE SCHEMA vault")
        statements = split(text.read_text(encoding="utf-8"))
        plain = [statement.text for statement in statements if not extensions.intercept(statement)]
        session.execute(";".join(plain).encode())  # in one go: a hundred answers take their time
    return _NOTE
