"""The doors of a database: where its roles log in, where its administrator does, and its pooler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import conninfo, pq

from secopskit.errors import ConfigError
from secopskit.postgres.connect import ConnectionSettings, Link, connect
from secopskit.postgres.errors import DatabaseError
from secopskit.postgres.poolers import SupabaseHost, supabase_host
from secopskit.provider.interface import Credential, Surroundings
from secopskit.provider.postgres.dsn import Dsn, libpq_text, read_dsn, suffixed
from secopskit.secret import SecretValue

_NAME: Final = "secops rotate"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseDoor:
    """A place to log in: a connection string without its login. `origin` names where it is written."""

    keys: tuple[tuple[str, str], ...]
    origin: str

    @classmethod
    def read(cls, text: SecretValue, origin: str, *, keep_login: bool = False) -> DatabaseDoor:
        """The place that a connection string names. Raises ConfigError."""
        keywords = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
        try:
            given = conninfo.conninfo_to_dict(libpq_text(text, keywords).reveal().decode())
        except (psycopg.Error, UnicodeDecodeError, ValueError):
            raise ConfigError(
                f"{origin}: not a connection string of PostgreSQL",
                advice="In a URL, write the special characters of a password as %XX.",
            ) from None
        dropped = set() if keep_login else {"password"}
        return cls(
            keys=tuple((key, str(value)) for key, value in given.items() if key not in dropped and value),
            origin=origin,
        )

    def __repr__(self) -> str:
        return f"DatabaseDoor({self.origin})"

    def get(self, key: str) -> str:
        """What the connection string says of `key`; empty for nothing."""
        return dict(self.keys).get(key, "")

    @property
    def is_pooler(self) -> bool:
        """Whether it is known by its name that a pooler stands there."""
        return supabase_host(self.get("host")) is SupabaseHost.POOLER

    def enter(self, *, role: str = "", password: SecretValue | None = None, database: str = "") -> Link:
        """Log in, as `role` unless the place says who. Raises ConfigError, DatabaseError."""
        keys = dict(self.keys)
        if role:
            keys["user"] = suffixed(role, keys.get("user", ""), keys.get("host", ""))
        if password is not None:
            keys["password"] = password.reveal().decode("utf-8", "surrogateescape")
        if database:
            keys["dbname"] = database
        text = conninfo.make_conninfo("", **keys).encode("utf-8", "surrogateescape")
        return connect(
            ConnectionSettings(conninfo=SecretValue(text), origin=self.origin, application_name=_NAME)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseDoors:
    """All doors of a rotation.

    `name` is that of the credential. `dsn` is the value until now, None for a bare password; `old_password`
    is in it or is it.
    """

    name: str
    dsn: Dsn | None
    old_password: SecretValue
    role: str
    front: DatabaseDoor
    admin: DatabaseDoor | None
    pooler: DatabaseDoor | None

    @classmethod
    def of(cls, credential: Credential, old: SecretValue, surroundings: Surroundings) -> DatabaseDoors:
        """The doors that a declaration names. Raises ConfigError."""
        settings = credential.settings
        dsn = read_dsn(old)
        admin = _admin(settings["admin_url_env"], surroundings)
        front = _named(settings["url"], f"{credential.id}: `url`")
        if front is None and dsn is not None:
            front = DatabaseDoor.read(dsn.value, credential.id)
        front = front or admin
        role = dsn.role if dsn else settings["user"] or _neighbour(settings["user_name"], surroundings)
        if front is None or not role or not role.isprintable():
            raise ConfigError(
                f"{credential.id}: not a connection string with user and password",
                advice="For a bare password, say `user` (or `user_name`) and `url`.",
            )
        return cls(
            name=credential.id,
            dsn=dsn,
            old_password=dsn.password if dsn else old,
            role=role,
            front=front,
            admin=admin,
            pooler=_named(settings["pooler_url"], f"{credential.id}: `pooler_url`"),
        )

    def value_for(self, role: str, password: SecretValue) -> SecretValue:
        """The value of the credential for another login: the same connection string, or the bare password."""
        return self.dsn.with_login(role, password) if self.dsn else password

    def password_of(self, value: SecretValue) -> SecretValue:
        """The password in a value that `value_for` has made. Raises ConfigError for another."""
        dsn = read_dsn(value) if self.dsn else None
        if self.dsn is not None and dsn is None:
            raise ConfigError("the new value is no connection string", advice="Plan the rotation anew.")
        return dsn.password if dsn else value

    @property
    def dies(self) -> tuple[SecretValue, ...]:
        """The forms of the old value that end with it."""
        return (self.dsn.value, self.old_password) if self.dsn else (self.old_password,)

    @property
    def database(self) -> str:
        """The database of the credential; empty where nothing says it."""
        return (self.dsn.database if self.dsn else "") or self.front.get("dbname")

    def as_role(self, role: str, password: SecretValue, *, door: DatabaseDoor | None = None) -> Link:
        """Log in as `role` at the front door, or another. Raises ConfigError, DatabaseError."""
        try:
            return (door or self.front).enter(role=role, password=password, database=self.database)
        except DatabaseError as error:
            if password == self.old_password and "password" in str(error):
                error.advice = (
                    f"The login was that of {self.name}: is the value in its source out of date, or that of "
                    "another server?"
                )
            raise

    def as_admin(self) -> Link:
        """Log in to that database as the administrator. Raises ConfigError, DatabaseError."""
        if self.admin is None:
            raise ConfigError(
                "nobody is named who may set passwords", advice="Name a variable in `admin_url_env`."
            )
        return self.admin.enter(database=self.database)

    @property
    def straight(self) -> DatabaseDoor | None:
        """A door at which a refused login harms nobody: no pooler that shuts its doors after some."""
        known = [door for door in (self.front, self.admin) if door is not None]
        return next((door for door in known if not door.is_pooler), None)

    @property
    def to_pass(self) -> tuple[DatabaseDoor, ...]:
        """The doors that a new value must pass, in that order: a direct one first, where one is known."""
        doors = [self.straight or self.front, self.front, self.pooler]
        return tuple(dict.fromkeys(door for door in doors if door is not None))


def _admin(variable: str, surroundings: Surroundings) -> DatabaseDoor | None:
    if not variable:
        return None
    text = surroundings.variable(variable)
    if text is None:
        raise ConfigError(
            f"{variable}: not set", advice="It holds the connection string of a role that may set passwords."
        )
    return DatabaseDoor.read(text, variable, keep_login=True)


def _neighbour(name: str, surroundings: Surroundings) -> str:
    """The role that another declared name has; empty where it is not at hand."""
    value = surroundings.current(name) if name else None
    return value.reveal().decode("utf-8", "replace").strip() if value else ""


def _named(address: str, origin: str) -> DatabaseDoor | None:
    return DatabaseDoor.read(SecretValue(address.encode()), origin) if address else None
