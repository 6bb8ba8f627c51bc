"""Privileged services: no wall between them and the host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, StackKind
from secopskit.findings import Severity

_ID: Final = "privileged-service"
_NEEDS_IT: Final = frozenset(
    ["dind", "docker", "cadvisor", "buildkit", "wireguard", "kind", "k3s", "falco", "node-problem-detector"]
)
_EXPLANATION: Final = """
`privileged: true` gives a container all capabilities and all devices of the host: breaking out of it is
a matter of one command.

Wrong:

```yaml
services:
  app:
    privileged: true
```

Right: only what it needs, `cap_add: [NET_ADMIN]` or `devices: ["/dev/ttyUSB0"]`.

No fault: Docker in Docker for CI, and programs that measure the host. They are told as low.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    kinds = (StackKind.COMPOSE, StackKind.KUBERNETES)
    yield from once(_mismatch(each) for each in running(project, *kinds) if each.service.privileged)


def _mismatch(each: RunningService) -> Mismatch:
    place, name = each.service.privileged or each.place, each.service.name
    needed = each.image is not None and (each.image.base in _NEEDS_IT or "dind" in each.image.tag)
    return Mismatch(
        rule_id=_ID,
        subject=name,
        message=f"Service {name} is privileged: nothing stands between it and the host.",
        fix="Take `privileged` out, and grant by `cap_add` and `devices` what it fails without.",
        evidence=(shows(place, "privileged: true"), shows(each.place, f"service {name}")),
        stack=each.stack.name,
        severity=Severity.LOW if needed or each.development else Severity.HIGH,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A service is privileged",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities",
    stage=FixStage.CLOSE,
)
