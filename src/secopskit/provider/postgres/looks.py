"""What is looked at before any password changes: that it is the right server, and one that we may touch."""

from __future__ import annotations

from secopskit.conduct.tell import Tell
from secopskit.errors import RefusedError
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError
from secopskit.postgres.identity import DatabaseFacts, read_database_facts, read_only
from secopskit.postgres.refusal import refuse_odoo, refuse_standby
from secopskit.provider.postgres.doors import DatabaseDoors
from secopskit.provider.postgres.roles import LoginRole
from secopskit.provider.postgres.statements import keeps_md5


def look_first(link: Link, doors: DatabaseDoors, tell: Tell) -> None:
    """Raise RefusedError for an Odoo database and for an administrator of another server.

    `link` is whoever sets passwords. What is odd, but no reason to stop, is told.
    """
    facts = _facts(link)
    refuse_odoo(facts)
    refuse_standby(facts)
    if doors.admin is not None:
        _same_server(facts, doors, tell)
    if keeps_md5(link):
        tell.note(
            "the server makes MD5 hashes by itself; the new password is kept for SCRAM-SHA-256, which "
            "clients older than libpq 10 do not know"
        )


def tell_of_role(role: LoginRole, tell: Tell) -> None:
    """Tell that somebody else may keep the password of this role, too."""
    if role.is_cloud_admin:
        tell.note(
            f"{role.name} is the name of a hosting company's administrator: if the company keeps its "
            "password, change it there"
        )


def _facts(link: Link) -> DatabaseFacts:
    with read_only(link, "looking at the database"):
        return read_database_facts(link)


def _same_server(facts: DatabaseFacts, doors: DatabaseDoors, tell: Tell) -> None:
    try:
        link = doors.as_role(doors.role, doors.old_password)
    except DatabaseError as error:
        tell.note(f"the value until now does not get in: {error}")
        return
    try:
        seen = _facts(link)
    except DatabaseError:  # may not see which server it is
        return
    finally:
        link.close()
    known = seen.system_identifier and facts.system_identifier
    if known and (seen.system_identifier, seen.database_oid) != (facts.system_identifier, facts.database_oid):
        raise RefusedError(
            f"the administrator is connected to another server than {doors.role} is",
            advice="Check the variable of `admin_url_env`: is it of the same environment?",
        )
