"""Rules that hold live facts against the files: made for what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from secopskit.audit.live.model import (
    NATURE_RULE,
    PORT_RULE,
    DatabaseNature,
    LiveDatabase,
    LiveFacts,
    OpenPort,
)
from secopskit.audit.mismatch.services.look.doors import what_answers
from secopskit.audit.mismatch.services.look.hosts import is_loopback
from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.wiring.odoo_migration import migrating
from secopskit.audit.model import FixStage, Mismatch, MismatchEvidence, MismatchRule
from secopskit.collect.facts import FactPlace, ProjectFacts
from secopskit.findings import Severity

_NATURES: Final = """
The database that answers under a name is not the one that the name promises. Whoever migrates or restores
by that
name changes the wrong database; an Odoo database does not survive it.

Wrong: `SUPABASE_DB_URL` holds the URL of Odoo's database.

Right: the URL of the Supabase project under it, and Odoo's under a name that says so.

No fault: none is known. Only told where the database was asked.
"""
_REACHES: Final = """
The port of a database or a console answers on this host for others than the host itself, whatever the
files say.

Wrong: `ss -ltn` shows `0.0.0.0:5432`.

Right: `127.0.0.1:5432`, or nothing at all.

No fault: another program of this host that happens to have the same port. Only told where ports were tried.
"""


def live_rules(live: LiveFacts) -> tuple[MismatchRule, ...]:
    """The rules for what was asked."""
    return (
        MismatchRule(
            id=NATURE_RULE,
            title="A database is not what its name says",
            severity=Severity.CRITICAL,
            judge=_judge(_natures, live),
            explanation=_NATURES,
            stage=FixStage.POINT,
        ),
        MismatchRule(
            id=PORT_RULE,
            title="A database or a console answers beyond this host",
            severity=Severity.HIGH,
            judge=_judge(_reached, live),
            explanation=_REACHES,
            stage=FixStage.CLOSE,
        ),
    )


def _judge(
    told: Callable[[LiveFacts, ProjectFacts], Iterable[Mismatch]], live: LiveFacts
) -> Callable[[ProjectFacts], Iterable[Mismatch]]:
    return partial(told, live)


# --- databases --------------------------------------------------------------------------------


def _natures(live: LiveFacts, project: ProjectFacts) -> Iterator[Mismatch]:
    for database in live.databases:
        promised = _promised(database.key)
        if promised is not None and promised is not database.nature:
            yield _nature(database, promised, project)
        elif promised is None and database.nature is DatabaseNature.ODOO:
            yield from _migrated(database, project)


def _promised(key: str) -> DatabaseNature | None:
    """What a name says of its database."""
    words = key.upper().replace("-", "_").split("_")
    if "ODOO" in words:
        return DatabaseNature.ODOO
    return DatabaseNature.SUPABASE if "SUPABASE" in words else None


def _nature(database: LiveDatabase, promised: DatabaseNature, project: ProjectFacts) -> Mismatch:
    odoo = database.nature is DatabaseNature.ODOO
    found = "an Odoo database" if odoo else f"{database.nature.value} database"
    return Mismatch(
        rule_id=NATURE_RULE,
        subject=database.key,
        message=f"{database.key} says {promised.value}, and {database.place} is {found}: who goes "
        f"by the name changes "
        "the wrong database.",
        fix=f"Put the URL of {promised.value}'s database under {database.key}, and this one under "
        f"a name of its own.",
        evidence=tuple(_named(database.key, project)),
        severity=Severity.CRITICAL if odoo else Severity.HIGH,
    )


def _migrated(database: LiveDatabase, project: ProjectFacts) -> Iterator[Mismatch]:
    """Jobs that migrate with a name that turns out to be an Odoo's."""
    for job in project.jobs:
        places = [place for name, place in job.secrets if name == database.key]
        if places and (command := migrating(job)):
            yield Mismatch(
                rule_id=NATURE_RULE,
                subject=f"{job.name}: {database.key}",
                message=f"Job {job.name} migrates with {database.key}, and {database.place} is an Odoo "
                "database: it changes Odoo's tables.",
                fix=f"Put the URL of the application's own database under {database.key}.",
                evidence=(
                    MismatchEvidence(command.place, "migrates"),
                    MismatchEvidence(places[0], f"looks up {database.key}"),
                ),
            )


def _named(key: str, project: ProjectFacts) -> Iterator[MismatchEvidence]:
    """Where the project names the variable; the first few places, or the project as a whole."""
    places = sorted(
        {use.place for use in project.uses if use.name == key}
        | {setting.place for setting in project.settings if setting.name == key}
        | {place for job in project.jobs for name, place in job.secrets if name == key}
    )
    for place in places[:3] or [FactPlace(".", 1)]:
        yield MismatchEvidence(place, f"names {key}")


# --- ports ------------------------------------------------------------------------------------


def _reached(live: LiveFacts, project: ProjectFacts) -> Iterator[Mismatch]:
    services = {(each.stack.name, each.service.name): each for each in running(project)}
    for port in live.ports or ():
        each = services.get((port.stack, port.service))
        if each is not None and not is_loopback(port.address) and (label := _answering(port, each)):
            yield _reach(port, each, label)


def _answering(port: OpenPort, each: RunningService) -> str:
    """What a service has at a port of the host; empty where that may be meant for everybody."""
    if each.server is not None:
        return each.server.label
    published = next((one for one in each.service.ports if one.host == port.port), None)
    door = what_answers(each, published) if published else None
    return door[0] if door else ""


def _reach(port: OpenPort, each: RunningService, label: str) -> Mismatch:
    place = next((one.place for one in each.service.ports if one.host == port.port), each.place)
    return Mismatch(
        rule_id=PORT_RULE,
        subject=f"{port.service}: {port.port}",
        message=f"Port {port.port} of this host, which is {label} of service {port.service}, "
        f"answers on {port.address}.",
        fix=f'Publish "127.0.0.1:{port.port}:…", or no port, and start the service anew.',
        evidence=(MismatchEvidence(place, f"publishes {port.port}"),),
        stack=port.stack,
        development=each.development,
    )
