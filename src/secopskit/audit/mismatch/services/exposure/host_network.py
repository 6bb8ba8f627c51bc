"""Databases in the host's network: every port of theirs is one of the host's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts
from secopskit.findings import Severity

_ID: Final = "host-network-database"
_EXPLANATION: Final = """
With `network_mode: host` a container has no network of its own: the database listens where the host does,
on every address, and `ports:` and `expose:` say nothing any more.

Wrong:

```yaml
services:
  db:
    image: postgres:17
    network_mode: host
```

Right: the stack's own network; `127.0.0.1:5432:5432` where the host itself needs it.

No fault: a database whose own configuration listens on loopback only (`listen_addresses`).
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    yield from once(
        _mismatch(each, each.server.label)
        for each in running(project)
        if each.service.host_network and each.server and not _stays_at_home(each)
    )


def _stays_at_home(each: RunningService) -> bool:
    """Whether its command says that it listens on loopback."""
    return "127.0.0.1" in each.service.command or "localhost" in each.service.command


def _mismatch(each: RunningService, label: str) -> Mismatch:
    name = each.service.name
    return Mismatch(
        rule_id=_ID,
        subject=name,
        message=f"{label} of service {name} has the host's network: it listens on every address of the host.",
        fix="Take `network_mode: host` out; publish 127.0.0.1:PORT:PORT if the host itself needs it.",
        evidence=(shows(each.place, f"service {name} has the host's network"),),
        stack=each.stack.name,
        severity=Severity.LOW if each.development else Severity.HIGH,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A database has the host's network",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/engine/network/drivers/host/",
    stage=FixStage.CLOSE,
)
