"""Roles that are used in turn: whether each may do what the other may, and the SQL that makes it so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, LiteralString

from secopskit.errors import RefusedError
from secopskit.named_tuple import NamedTuple
from secopskit.postgres.connect import Link
from secopskit.postgres.identity import read_only
from secopskit.settings.options import shown

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")
_FACTS: LiteralString = """
    SELECT r.rolname, r.rolsuper, r.rolcanlogin, r.rolconnlimit,
           coalesce(r.rolvaliduntil < now(), false),
           ARRAY[r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls],
           ARRAY(SELECT DISTINCT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                  WHERE m.member = r.oid ORDER BY 1),
           ARRAY(SELECT DISTINCT one FROM pg_db_role_setting s, unnest(s.setconfig) one
                  WHERE s.setrole = r.oid AND s.setdatabase IN (0, d.oid) ORDER BY 1),
           (SELECT count(*) FROM pg_shdepend o WHERE o.refclassid = 'pg_authid'::regclass
               AND o.refobjid = r.oid AND o.deptype = 'o' AND o.dbid IN (0, d.oid)),
           ARRAY(SELECT DISTINCT o.classid::text || ' ' || o.objid || ' ' || o.objsubid FROM pg_shdepend o
                  WHERE o.refclassid = 'pg_authid'::regclass AND o.refobjid = r.oid AND o.deptype = 'a'
                    AND o.dbid IN (0, d.oid) ORDER BY 1),
           (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid AND a.pid <> pg_backend_pid())
      FROM pg_roles r, pg_database d WHERE r.rolname = ANY (%s) AND d.datname = current_database()
"""
_CLOUD_ADMINS: Final = frozenset(
    (
        *("postgres", "supabase_admin", "rdsadmin", "rds_superuser", "cloudsqladmin", "cloudsqlsuperuser"),
        *("azure_superuser", "azure_pg_admin", "doadmin", "avnadmin", "neon_superuser", "neondb_owner"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRole:
    """A role as found. `expired`: its VALID UNTIL has passed. `powers` are inherit, createrole, createdb,
    replication and bypassrls, in this order. `settings` are `name=value` texts for this database or
    all. `owns` counts objects that are its own here, `grants` are addresses of objects on which it has
    rights itself, `sessions` counts those that it has now.
    """

    name: str
    superuser: bool
    can_login: bool
    connection_limit: int
    expired: bool
    powers: tuple[bool, ...]
    member_of: tuple[str, ...]
    settings: tuple[str, ...]
    owns: int
    grants: tuple[str, ...]
    sessions: int

    @property
    def acts_as(self) -> str:
        """The role that its sessions take at once (`ALTER ROLE … SET role`); empty for none."""
        return next((one[5:].strip('"') for one in self.settings if one.startswith("role=")), "")

    @property
    def is_cloud_admin(self) -> bool:
        """Whether a hosting company makes a role of this name and keeps its password itself."""
        return self.name in _CLOUD_ADMINS


class RoleProblem(NamedTuple):
    """Why two roles cannot be used in turn, and the SQL that mends it (empty: a person must decide)."""

    text: str
    sql: str = ""


def read_roles(link: Link, names: tuple[str, ...]) -> dict[str, LoginRole]:
    """The roles of these names that there are. Raises DatabaseError."""
    with read_only(link, "reading the roles"):
        rows = link.execute(_FACTS, [list(names)]).fetchall()
    return {
        row[0]: LoginRole(
            name=row[0],
            superuser=row[1],
            can_login=row[2],
            connection_limit=row[3],
            expired=row[4],
            powers=tuple(row[5]),
            member_of=tuple(row[6]),
            settings=tuple(row[7]),
            owns=row[8],
            grants=tuple(row[9]),
            sessions=row[10],
        )
        for row in rows
    }


def owner_of(current: LoginRole | None, other: LoginRole | None, declared: str) -> str:
    """The role that the two act as: the declared one, else as their settings say; empty for none."""
    found = [role.acts_as for role in (current, other) if role is not None and role.acts_as]
    return declared or (found[0] if found else "")


def require_twins(found: dict[str, LoginRole], current: str, other: str, declared: str) -> str:
    """The owner role, if the two roles may do the same and everything they make belongs to it.

    Raises RefusedError that says what differs, with the SQL that mends it.
    """
    one, two = found.get(current), found.get(other)
    owner = owner_of(one, two, declared)
    problems = list(
        _problems(one, two, owner or suggested_owner(current, other), current, other, bool(owner))
    )
    if problems:
        sql = "\n".join(dict.fromkeys(problem.sql for problem in problems if problem.sql))
        reasons = "; ".join(problem.text for problem in problems)
        raise RefusedError(
            f"{current} and {other} cannot be used in turn: {reasons}",
            advice=f"As an administrator of the database, once:\n{sql}" if sql else "See docs/ROTATION.md.",
        )
    return owner


def suggested_owner(current: str, other: str) -> str:
    """A name for the owner role of two roles: what they have in common, and `owner`."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(current, other, strict=False))
    return f"{''.join(one for one, _ in same).rstrip('_-') or 'app'}_owner"


def quoted(name: str) -> str:
    """A role's name as SQL writes it."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _problems(
    one: LoginRole | None, two: LoginRole | None, owner: str, current: str, other: str, known: bool
) -> list[RoleProblem]:
    problems = []
    boss = quoted(owner)
    if not known:
        problems.append(RoleProblem("no role owns what they make", f"CREATE ROLE {boss} NOLOGIN;"))
    if one is None:
        return [RoleProblem(f"{current} is not there")]
    if two is None:
        problems.append(RoleProblem(f"{other} is not there", f"CREATE ROLE {quoted(other)} NOLOGIN;"))
    for name, role in ((current, one), (other, two)):
        problems += _against_owner(name, role, owner)
    if two is not None:
        problems += _differences(one, two, owner)
    return problems


def _against_owner(name: str, role: LoginRole | None, owner: str) -> list[RoleProblem]:
    who, boss = quoted(name), quoted(owner)
    problems = []
    if role is None or owner not in role.member_of:
        problems.append(RoleProblem(f"{name} is no member of {owner}", f"GRANT {boss} TO {who};"))
    if role is None or role.acts_as != owner:
        problems.append(
            RoleProblem(f"what {name} makes would be its own", f"ALTER ROLE {who} SET role = {boss};")
        )
    if role is None:
        return problems
    if role.superuser:
        problems.append(RoleProblem(f"{name} is a superuser"))
    if role.owns:
        problems.append(
            RoleProblem(
                f"{name} owns {role.owns} objects itself",
                f"REASSIGN OWNED BY {who} TO {boss};  -- in each database",
            )
        )
    return problems


def _differences(one: LoginRole, two: LoginRole, owner: str) -> list[RoleProblem]:
    who = quoted(two.name)
    problems = [
        RoleProblem(f"{two.name} lacks membership in {shown(role)}", f"GRANT {quoted(role)} TO {who};")
        for role in one.member_of
        if role not in two.member_of and role != owner
    ]
    if one.powers != two.powers:
        problems.append(RoleProblem("their attributes differ (INHERIT, CREATEROLE, CREATEDB, …)"))
    if one.connection_limit != two.connection_limit:
        sql = f"ALTER ROLE {who} CONNECTION LIMIT {one.connection_limit};"
        problems.append(RoleProblem("their connection limits differ", sql))
    lacking = sorted({*one.settings} ^ {*two.settings})
    if names := sorted({one.partition("=")[0] for one in lacking} - {"role"}):
        problems.append(RoleProblem(f"their settings differ ({', '.join(map(shown, names))})"))
    if two.expired:
        problems.append(
            RoleProblem(f"{two.name} is past its VALID UNTIL", f"ALTER ROLE {who} VALID UNTIL 'infinity';")
        )
    if one.grants != two.grants:
        text = f"one of them has rights on objects that the other lacks: grant them to {owner}"
        problems.append(RoleProblem(text))
    return problems
