"""One name, two databases: settings that are called the same, and point at databases of different owners."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.databases import DatabaseBook, DatabaseOwner, KnownDatabase
from secopskit.audit.mismatch.services.look.hosts import is_loopback
from secopskit.audit.mismatch.services.look.servers import EndpointBook, RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import Endpoint, EndpointKind, FileRole, ProjectFacts, SettingKind
from secopskit.findings import Severity

_ID: Final = "two-databases"
_ROLES: Final = frozenset({FileRole.PRODUCT, FileRole.EXAMPLE})
_URLS: Final = re.compile(
    r"(?:(?:PROD|PRODUCTION|STAGING|STAGE|DEV|CI|MAIN|APP|PRIMARY)_)?(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|SQL)"
    r"_(?:URL|URI|DSN|CONNECTION(?:_STRING|_URL)?|CONN)"
)
_HOSTS: Final = re.compile(r"(?:DATABASE|DB|POSTGRES|POSTGRESQL)_(?:HOST|HOSTNAME|SERVER)|PGHOST")
_DATABASES: Final = frozenset({EndpointKind.POSTGRES, EndpointKind.MYSQL, EndpointKind.MONGODB})
_MOST_PLACES: Final = 3
_EXPLANATION: Final = """
A migration, a backup or a person that takes the value of one file for that of the other changes the wrong
database. Where one of them is Odoo's, which owns every table of its schema, the damage is not easily undone.

Wrong:

```
# .env.example            DATABASE_URL=postgres://odoo@odoo-db/prod  (Odoo runs against odoo-db)
# apps/web/.env.example   DATABASE_URL=postgres://postgres@db.abc.supabase.co/postgres
```

Right: names that say which: `ODOO_DATABASE_URL`, `SUPABASE_DB_URL`.

Where neither is Odoo's, it is told only of one service that is given both: by its environment and one of its
environment files, or by two such files. Only one of them counts.

No fault: the same database in different environments. Those are not told.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    book = DatabaseBook.of(project)
    for pattern in (_URLS, _HOSTS):
        found = defaultdict[DatabaseOwner, list[tuple[Endpoint, KnownDatabase]]](list)
        for endpoint in project.endpoints:
            if endpoint.role not in _ROLES or endpoint.setting is SettingKind.INI:
                continue
            known = book.known(endpoint) if pattern.fullmatch(endpoint.key.upper()) else None
            if known is not None:
                found[known.owner].append((endpoint, known))
        if found[DatabaseOwner.ODOO]:
            yield from _against_odoo(found)
    yield from once(_given_twice(project))


def _against_odoo(found: dict[DatabaseOwner, list[tuple[Endpoint, KnownDatabase]]]) -> Iterator[Mismatch]:
    odoo = found[DatabaseOwner.ODOO]
    for owner in (DatabaseOwner.SUPABASE, DatabaseOwner.OTHER):
        if others := found[owner]:
            yield _mismatch(odoo, others, owner)


def _given_twice(project: ProjectFacts) -> Iterator[Mismatch]:
    """Services that get one name from two places, and each names another database."""
    book = EndpointBook(project)
    for each in running(project):
        if each.development or len(each.stack.files) > 1:
            continue  # an overlay is there to say something else
        counts = dict[str, Endpoint]()
        for endpoint in (*reversed(tuple(book.of_files(each))), *book.of_itself(each)):
            if endpoint.kind in _DATABASES and endpoint.host and not is_loopback(endpoint.host):
                other = counts.setdefault(endpoint.key, endpoint)
                if other.place.path != endpoint.place.path and _differ(other, endpoint):
                    yield _twice(each, other, endpoint)


def _differ(one: Endpoint, other: Endpoint) -> bool:
    if one.kind is not other.kind:
        return False
    databases = {one.database, other.database} - {""}
    return one.host.lower() != other.host.lower() or len(databases) > 1


def _twice(each: RunningService, one: Endpoint, other: Endpoint) -> Mismatch:
    last, first = (one, other) if one.stack or not other.stack else (other, one)
    name = each.service.name
    return Mismatch(
        rule_id=_ID,
        subject=f"{name}: {one.key}",
        message=f"Service {name} is given {one.key} twice: {_where(first)} in {first.place.path}, and "
        f"{_where(last)} in {last.place.path}, which counts. Whoever goes by the first looks at the wrong "
        "database.",
        fix=f"Say in one place which database {name} uses, and take the other line out.",
        evidence=(
            shows(last.place, f"{last.key} is at {_where(last)}"),
            shows(first.place, f"{first.key} is at {_where(first)}"),
            shows(each.place, f"service {name} is given both"),
        ),
        stack=each.stack.name,
        severity=Severity.MEDIUM,
        development=each.development,
    )


def _where(endpoint: Endpoint) -> str:
    return f"{endpoint.host}/{endpoint.database}" if endpoint.database else endpoint.host


def _mismatch(
    odoo: list[tuple[Endpoint, KnownDatabase]],
    others: list[tuple[Endpoint, KnownDatabase]],
    owner: DatabaseOwner,
) -> Mismatch:
    (first, known), (second, other) = odoo[0], others[0]
    whose = "Supabase's" if owner is DatabaseOwner.SUPABASE else "another"
    places = [*odoo[:_MOST_PLACES], *others[:_MOST_PLACES]]
    return Mismatch(
        rule_id=_ID,
        subject=" / ".join(sorted({first.key, second.key})),
        message=f"{first.key} is Odoo's database at {known.where} in {first.place.path}, and "
        f"{second.key} is {whose} "
        f"database at {other.where} in {second.place.path}: who takes one for the other changes "
        f"the wrong database.",
        fix="Give them names that say which database they are, such as ODOO_DATABASE_URL and "
        + ("SUPABASE_DB_URL." if owner is DatabaseOwner.SUPABASE else "APP_DATABASE_URL."),
        evidence=tuple(
            shows(endpoint.place, f"{endpoint.key} is at {each.where} ({each.owner.value})")
            for endpoint, each in places
        ),
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="Settings of the same name point at two databases",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    stage=FixStage.POINT,
)
