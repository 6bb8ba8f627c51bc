"""Databases that others wait for, without a health check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.images import is_database
from secopskit.audit.mismatch.services.look.servers import RunningService, by_identity, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, Service
from secopskit.findings import Severity

_ID: Final = "database-health-check"
_CHECKS: Final = {
    "PostgreSQL": 'test: ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER"]',
    "MySQL": 'test: ["CMD", "mysqladmin", "ping", "-h", "localhost"]',
    "MariaDB": 'test: ["CMD", "healthcheck.sh", "--connect"]',
    "Redis": 'test: ["CMD", "redis-cli", "ping"]',
    "MongoDB": 'test: ["CMD", "mongosh", "--eval", "db.adminCommand(\'ping\')"]',
    "RabbitMQ": 'test: ["CMD", "rabbitmq-diagnostics", "-q", "ping"]',
}
_EXPLANATION: Final = """
`depends_on` alone waits until the container runs, not until the database answers. The first start,
which makes the files, takes longest: then others fail or restart in a circle.

Wrong: a database without `healthcheck:`, and `depends_on: [db]`.

Right:

```yaml
services:
  db:
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U $$POSTGRES_USER"]
  web:
    depends_on:
      db: { condition: service_healthy }
```

No fault: an image that has a health check of its own, and clients that try again.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    waiting = _Waiting()
    yield from once(
        _mismatch(same[0], same[0].server.label, waiting)
        for same in by_identity(running(project))
        if same[0].server
        and is_database(same[0].server)
        and same[0].server.label in _CHECKS
        and not any(_is_checked(each) for each in same)
        and any(waiting.on(each) for each in same)
    )


def _is_checked(each: RunningService) -> bool:
    return each.service.health_check is not None or bool(each.dockerfile and each.dockerfile.health_check)


class _Waiting:
    """Who depends on whom, by stack."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], dict[str, Service]] = {}

    def on(self, each: RunningService) -> Service | None:
        """The first service that depends on one."""
        files = each.stack.files
        if files not in self._known:
            self._known[files] = {
                name: other for other in reversed(each.stack.services) for name in other.depends_on
            }
        return self._known[files].get(each.service.name)


def _mismatch(each: RunningService, label: str, known: _Waiting) -> Mismatch:
    name = each.service.name
    waiting = known.on(each)
    return Mismatch(
        rule_id=_ID,
        subject=name,
        message=f"{label} of service {name} has no health check: services that depend on it start "
        f"before it answers.",
        fix=f"Give {name} a healthcheck ({_CHECKS[label]}), and depend on it with condition: "
        f"service_healthy.",
        evidence=(
            shows(each.place, f"{name} has no healthcheck"),
            *([shows(waiting.place, f"{waiting.name} depends on {name}")] if waiting else ()),
        ),
        stack=each.stack.name,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A database that others wait for has no health check",
    severity=Severity.LOW,
    judge=judge,
    explanation=_EXPLANATION,
    fold=Fold.STACK,
    reference="https://docs.docker.com/compose/how-tos/startup-order/",
    stage=FixStage.LAST,
)
