"""Proof by logging in: that a new password opens every door, and that the old one opens none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError, database_errors
from secopskit.provider.interface import VerificationError
from secopskit.provider.postgres.doors import DatabaseDoor, DatabaseDoors
from secopskit.secret import SecretValue

# A pooler keeps what it knows of a role for a while, and shuts out an address that fails often. Supabase's
# is seen to take up to 15 s: https://supabase.com/docs/guides/troubleshooting (Supavisor, password rotation).
_PAUSES_S: Final = (2.0, 3.0, 5.0, 5.0, 5.0, 5.0)
_WHO: Final = (
    "SELECT session_user::pg_catalog.text, current_user::pg_catalog.text,"
    " pg_catalog.current_database()::pg_catalog.text"
)


def prove_new(
    doors: DatabaseDoors,
    role: str,
    password: SecretValue,
    *,
    acts_as: str = "",
    sleep: Callable[[float], None],
) -> str:
    """Log in at every door, directly first; what was seen, in a sentence. Raises VerificationError."""
    seen = list[str]()
    for door in doors.to_pass:
        link = _patiently(doors, door, role, password, sleep)
        try:
            seen.append(_look(link, door, role, acts_as))
        finally:
            link.close()
    return f"logged in as {role}" + (f", acting as {acts_as}" if acts_as else "") + f": {'; '.join(seen)}"


def prove_old_is_dead(
    doors: DatabaseDoors, old: tuple[str, SecretValue], new: tuple[str, SecretValue]
) -> str:
    """Try the old login once, where that harms nobody, and the new one right after it.

    That the new one gets in shows that the old one was refused for what it is. Raises VerificationError.
    """
    door = doors.straight
    if door is None:
        return "the old login was not tried: only a pooler is known, and failed logins there shut others out"
    try:
        link = doors.as_role(*old, door=door)
    except DatabaseError:
        pass
    else:
        asked = link.pgconn.used_password
        link.close()
        raise VerificationError(
            f"the old login of {old[0]} still gets in"
            + ("" if asked else ": the server asks for no password"),
            advice="Look at the server's pg_hba.conf, and whether `url` is the server of `admin_url_env`.",
        )
    try:
        doors.as_role(*new, door=door).close()
    except DatabaseError as error:
        raise VerificationError(
            f"after the old login failed, the new one did too: {error}", advice=error.advice
        ) from None
    return f"the old login of {old[0]} was refused, and the new one of {new[0]} admitted right after"


def _patiently(
    doors: DatabaseDoors,
    door: DatabaseDoor,
    role: str,
    password: SecretValue,
    sleep: Callable[[float], None],
) -> Link:
    for pause in (*_PAUSES_S, None):
        try:
            return doors.as_role(role, password, door=door)
        except DatabaseError as error:
            if pause is None:
                raise VerificationError(
                    f"the new login of {role} does not get in: {error}", advice=error.advice
                ) from None
            sleep(pause)
    raise AssertionError


def _look(link: Link, door: DatabaseDoor, role: str, acts_as: str) -> str:
    with database_errors("looking who is logged in"):
        row = link.execute(_WHO).fetchone()
    session, current, database = row or ("", "", "")
    if session != role:
        raise VerificationError(f"logged in as {session}, not as {role}", advice=f"Check {door.origin}.")
    if acts_as and current != acts_as:
        raise VerificationError(
            f"a session of {role} acts as {current}, so what it makes would not belong to {acts_as}",
            advice=f"ALTER ROLE {role} SET role = {acts_as};",
        )
    how = "through a pooler" if link.pooled or door.is_pooler else "directly"
    if not link.pgconn.used_password:
        how += ", but the server asked for no password, so it proves nothing"
    return f"database {database} {how}"
