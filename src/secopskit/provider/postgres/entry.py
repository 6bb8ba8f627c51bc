"""The provider `postgres`: its settings, and which of the two ways a credential is rotated."""

from __future__ import annotations

import re
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError, UsageError
from secopskit.settings.options import FLAG, Option, ValueKind, choice, one_text, text_list

if TYPE_CHECKING:
    from secopskit.provider.interface import Credential, Provider, Surroundings
    from secopskit.settings.options import Text

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}", re.ASCII)
_LONGEST_ROLE: Final = 63  # bytes; PostgreSQL cuts what is longer
_LONGEST_URL: Final = 1024


class PostgresMode(Enum):
    """How many roles a rotation has to do with."""

    TWO_ROLES = "two-roles"
    ONE_ROLE = "one-role"


def _role(value: Text) -> str:
    name = one_text(value)
    if (name and not name.isprintable()) or len(name.encode()) > _LONGEST_ROLE:
        raise ValueError
    return name


def _roles(value: Text) -> tuple[str, ...]:
    names = tuple(_role(name) for name in text_list(value))
    if len(names) not in {0, 2} or len(set(names)) != len(names):
        raise ValueError
    return names


def _variable(value: Text) -> str:
    name = one_text(value)
    if name and not _VARIABLE.fullmatch(name):
        raise ValueError
    return name


def _address(value: Text) -> str:
    text = one_text(value)
    if len(text) > _LONGEST_URL or not text.isprintable():
        raise ValueError
    return text


_ROLE: Final = ValueKind("name of a role", _role)
_ADDRESS: Final = ValueKind("connection string without a password", _address)

SETTINGS: Final = (
    Option(
        "mode",
        ValueKind("`two-roles` or `one-role`", choice(PostgresMode)),
        "two-roles",
        "Two roles in turn: no login fails. One role: whoever logs in before it has the new value fails.",
        "rotate",
    ),
    Option(
        "roles", ValueKind("two names of roles", _roles), "", "The two roles that are used in turn.", "rotate"
    ),
    Option(
        "owner",
        _ROLE,
        "",
        "The role whose members the two are and that owns what they make; found by their settings.",
        "rotate",
    ),
    Option(
        "user", _ROLE, "", "The role, where the value is a bare password (one role) and names none.", "rotate"
    ),
    Option(
        "user_name",
        ValueKind("name of a secret or variable", _variable),
        "",
        "The declared name that has the user alone, where readers take user and password apart: it gets the "
        "next role together with the new password.",
        "rotate",
    ),
    Option(
        "admin_url_env",
        ValueKind("name of an environment variable", _variable),
        "",
        "The variable with the connection string of a role that may set passwords. Two roles need it; "
        "one role else changes its own.",
        "rotate",
    ),
    Option(
        "url",
        _ADDRESS,
        "",
        "Where the database is reached from here, directly, if not as the value says.",
        "rotate",
    ),
    Option(
        "pooler_url", _ADDRESS, "", "A pooler that the new value must pass as well, once it works.", "rotate"
    ),
    Option(
        "end_sessions",
        FLAG,
        "false",
        "When the old password is revoked, end the sessions that it has opened.",
        "rotate",
    ),
)


def provider(credential: Credential, surroundings: Surroundings) -> Provider:
    """The rotation of a connection string or a password. Raises ConfigError, UsageError without psycopg."""
    _require_psycopg()
    from secopskit.provider.postgres.doors import DatabaseDoors
    from secopskit.provider.postgres.one_role import OneRole
    from secopskit.provider.postgres.two_roles import TwoRoles

    if credential.old is None:
        raise ConfigError(
            f"{credential.id}: its value until now is needed to rotate it, and is not at hand",
            advice="Declare its `source` under `sync.environments`, or rotate it with `provider: manual`.",
        )
    doors = DatabaseDoors.of(credential, credential.old, surroundings)
    if credential.settings["mode"] is PostgresMode.ONE_ROLE:
        return OneRole(credential, doors, surroundings)
    return TwoRoles(credential, doors, surroundings)


def _require_psycopg() -> None:
    try:
        import_module("psycopg")
    except ImportError as error:
        raise UsageError(
            "psycopg is not installed: this needs the extra 'migrate'",
            advice="pip install 'secopskit[migrate]'",
        ) from error
