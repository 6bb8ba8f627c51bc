"""Jobs that migrate, and reach the database of an Odoo."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.databases import DatabaseBook, DatabaseOwner
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchEvidence, MismatchRule
from secopskit.collect.facts import Endpoint, FactPlace, JobCommand, JobFacts, ProjectFacts, VariableSetting
from secopskit.findings import Severity
from secopskit.named_tuple import NamedTuple

_ID: Final = "migration-hits-odoo"
_TOOL: Final = re.compile(
    r"\b(?:supabase(?:@\S{1,20})?(?:\s+--?[\w-]{1,40}(?:[= "
    r"]\S{1,80})?){0,4}\s+(?:db\s+(?:push|reset)|migration\s+(?:up|repair))"
    r"|prisma(?:@\S{1,20})?\s+(?:migrate\s+(?:deploy|dev|reset)|db\s+(?:push|execute))"
    r"|alembic(?:\s+-\S{1,60}){0,4}\s+(?:upgrade|downgrade)"
    r"|dbmate(?:\s+-\S{1,60}(?:\s+\S{1,120})?){0,4}\s+(?:up|migrate|rollback|down)"
    r"|drizzle-kit(?:@\S{1,20})?\s+(?:push|migrate)|knex\s+migrate:\w+|sequelize(?:-cli)?\s+db:migrate"
    r"|typeorm(?:\s+-\S{1,60}){0,3}\s+migration:run|node-pg-migrate\s+\S|sqlx\s+migrate\s+run|diesel\s+migration\s+run"
    r"|goose\s[^\n]{0,200}\b(?:up|down)\b|migrate\s+-[^\n]{0,200}\b(?:up|down)\b|atlas\s+(?:migrate|schema)\s+apply"
    r"|sqitch\s+deploy|flyway\s[^\n]{0,200}\bmigrate\b|liquibase\s[^\n]{0,200}\bupdate\b|hasura\s+migrate\s+apply"
    r"|manage\.py\s+migrate|rails\s+db:migrate|rake\s+db:migrate|secops\s+migrate\s+(?:apply|up|down|baseline|init)"
    r"|psql\s[^\n]{0,300}(?:\s-f\s?|--file[= "
    r"]|<\s?[\w./-]{1,80}\.sql|-c\s?[\"']?\s?(?:ALTER|CREATE|DROP|INSERT|UPDATE|DELETE))"
    r")",
    re.IGNORECASE,
)
_LONGEST: Final = 20_000
_ASKED: Final = re.compile(r"\$\{?\{?[ \t]{0,5}(?:(?:secrets|env|vars)\.)?([A-Za-z_][A-Za-z0-9_]{0,100})")
_DATABASE: Final = re.compile(
    r"(?i)(?:.{0,60}_)?(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|ODOO)(?:_.{0,40})?|PG(?:HOST|DATABASE|URL|PORT|USER)"
)
_SAYS_ODOO: Final = re.compile(r"(?i)(?:.{0,60}_)?odoo(?:_.{0,60})?")
_EXPLANATION: Final = """
Odoo owns every table of its database: its modules create and change them, and a change from outside breaks
upgrades, or
drops data. A workflow that migrates an application's database must never reach it.

Wrong:

```yaml
jobs:
  migrate:
    steps:
      - run: supabase db push --db-url "$DATABASE_URL"
        env:
          DATABASE_URL: ${{ secrets.ODOO_DATABASE_URL }}
```

Right: the application's own database, in a secret whose name says so (`SUPABASE_DB_URL`); Odoo is migrated by
`odoo -u` alone.

No fault: a database of its own on the same server. It is not told where both names are known.
"""


class _Target(NamedTuple):
    """What a migration reaches, and what shows that it is Odoo's."""

    name: str
    evidence: tuple[MismatchEvidence, ...]
    why: str


class _Known:
    """The endpoints of a project by place and by name, and whose databases they are."""

    def __init__(self, project: ProjectFacts) -> None:
        self._book = DatabaseBook.of(project)
        self.by_place = defaultdict[FactPlace, list[Endpoint]](list)
        self.by_key = defaultdict[str, list[Endpoint]](list)
        for endpoint in project.endpoints:
            self.by_place[endpoint.place].append(endpoint)
            if endpoint.setting:
                self.by_key[endpoint.key].append(endpoint)

    def is_odoo(self, endpoint: Endpoint) -> bool:
        """Whether an Odoo uses the database behind an endpoint."""
        known = self._book.known(endpoint)
        return known is not None and known.owner is DatabaseOwner.ODOO


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    known = _Known(project)
    yield from once(
        _mismatch(job, command, target)
        for job in project.jobs
        for command in job.commands
        if _TOOL.search(command.text[:_LONGEST])
        for target in _targets(known, job, command)
    )


def migrating(job: JobFacts) -> JobCommand | None:
    """The first command of a job that migrates a database."""
    return next((command for command in job.commands if _TOOL.search(command.text[:_LONGEST])), None)


def _targets(known: _Known, job: JobFacts, command: JobCommand) -> Iterator[_Target]:
    written = [each for each in known.by_place.get(command.place, ()) if not each.setting]
    if odoo := [each for each in written if known.is_odoo(each)]:
        yield _Target(
            odoo[0].host, (shows(odoo[0].place, f"reaches {odoo[0].host}"),), "an Odoo uses that database"
        )
        return
    if written:
        return
    asked = {name for name in _ASKED.findall(command.text) if _DATABASE.fullmatch(name)}
    given = {setting.name for setting in job.settings}
    for setting in job.settings:
        if setting.name not in asked and (asked or not _DATABASE.fullmatch(setting.name)):
            continue
        if target := _of_setting(known, setting):
            yield target
            return
    for name in sorted(asked - given):
        if target := _of_name(known, name, ()):
            yield target
            return


def _of_setting(known: _Known, setting: VariableSetting) -> _Target | None:
    here = shows(setting.place, f"gives {setting.name}")
    written = [
        each for each in known.by_place.get(setting.place, ()) if setting.name in (each.key, *each.keys)
    ]
    if any(known.is_odoo(each) for each in written):
        return _Target(setting.name, (here,), f"it points at {written[0].host}, which an Odoo uses")
    if any(each.host for each in written):
        return None
    references = setting.value.references if setting.value else ()
    for reference in references:
        name = reference.name.rpartition(".")[2]
        if _DATABASE.fullmatch(name) and (target := _of_name(known, name, (here,))):
            return target
    return None


def _of_name(known: _Known, name: str, evidence: tuple[MismatchEvidence, ...]) -> _Target | None:
    """Whether what is kept under a name is Odoo's: the name says so, or another file of the project does."""
    if _SAYS_ODOO.fullmatch(name):
        return _Target(name, evidence, "its name says that it is Odoo's")
    for each in known.by_key.get(name, ()):
        if known.is_odoo(each):
            there = shows(each.place, f"{name} points at {each.host}, which an Odoo uses")
            return _Target(
                name, (*evidence, there), f"in {each.place.path} it is Odoo's database at {each.host}"
            )
    return None


def _mismatch(job: JobFacts, command: JobCommand, target: _Target) -> Mismatch:
    found = _TOOL.search(command.text[:_LONGEST])
    tool = " ".join(found[0].split()[:3]) if found else ""
    word = tool.split("-c")[0].split("<")[0].strip() if tool.lower().startswith("psql") else tool
    word = "psql" if word.lower().startswith("psql") else word
    return Mismatch(
        rule_id=_ID,
        subject=f"{job.name}: {target.name}",
        message=f"Job {job.name} migrates ({word}) the database of {target.name}, and "
        f"{target.why}: it changes Odoo's tables.",
        fix=f"Point the job at the application's own database, under a name that says so, and not "
        f"at {target.name}.",
        evidence=(
            shows(command.place, f"runs {word}"),
            *target.evidence,
            shows(job.place, f"job {job.name}"),
        ),
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A migration workflow reaches the database of an Odoo",
    severity=Severity.CRITICAL,
    judge=judge,
    explanation=_EXPLANATION,
    stage=FixStage.POINT,
)
