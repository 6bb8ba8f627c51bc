"""One name, two databases: settings that are called the same, and point at databases of different owners."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.databases import DatabaseBook, DatabaseOwner, KnownDatabase
from secopskit.audit.mismatch.services.look.telling import shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import Endpoint, FileRole, ProjectFacts, SettingKind
from secopskit.findings import Severity

_ID: Final = "two-databases"
_ROLES: Final = frozenset({FileRole.PRODUCT, FileRole.EXAMPLE})
_URLS: Final = re.compile(
    r"(?:(?:PROD|PRODUCTION|STAGING|STAGE|DEV|CI|MAIN|APP|PRIMARY)_)?(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|SQL)"
    r"_(?:URL|URI|DSN|CONNECTION(?:_STRING|_URL)?|CONN)"
)
_HOSTS: Final = re.compile(r"(?:DATABASE|DB|POSTGRES|POSTGRESQL)_(?:HOST|HOSTNAME|SERVER)|PGHOST")
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


def _against_odoo(found: dict[DatabaseOwner, list[tuple[Endpoint, KnownDatabase]]]) -> Iterator[Mismatch]:
    odoo = found[DatabaseOwner.ODOO]
    for owner in (DatabaseOwner.SUPABASE, DatabaseOwner.OTHER):
        if others := found[owner]:
            yield _mismatch(odoo, others, owner)


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
