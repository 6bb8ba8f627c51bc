"""Services that hold Docker's socket: who holds it, holds the host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts
from secopskit.findings import Severity

_ID: Final = "docker-socket"
_USUAL: Final = frozenset(
    {
        "traefik",
        "watchtower",
        "portainer",
        "portainer-ce",
        "portainer-agent",
        "agent",
        "dozzle",
        "nginx-proxy",
        "docker-gen",
        "caddy-gen",
        "acme-companion",
        "docker-letsencrypt-nginx-proxy-companion",
        "autoheal",
        "ofelia",
        "cadvisor",
        "ouroboros",
        "diun",
        "promtail",
        "vector",
        "filebeat",
        "fluent-bit",
        "alloy",
        "telegraf",
        "homepage",
        "caddy-docker-proxy",
    }
)
_EXPLANATION: Final = """
Whoever may write to `/var/run/docker.sock` may start a container with the host's disk in it: that is root
on the host. A hole in a service that mounts it is a hole in the host. Read-only (`:ro`) changes
nothing about that: requests to the API still go through.

Wrong:

```yaml
services:
  app:
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
```

Right: no socket; or a proxy between that lets only the needed requests through (`docker-socket-proxy`). The
proxy itself is not told.

No fault, but worth knowing: reverse proxies, updaters and log shippers that find containers by it. They are
told as low.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    yield from once(
        _mismatch(each) for each in running(project) if each.service.docker_socket and not _is_proxy(each)
    )


def _is_proxy(each: RunningService) -> bool:
    """Whether it is what should stand between: it holds the socket so that nobody else does."""
    return each.image is not None and "socket-proxy" in each.image.base


def _mismatch(each: RunningService) -> Mismatch:
    place = each.service.docker_socket or each.place
    usual = each.image is not None and each.image.base in _USUAL
    name = each.service.name
    return Mismatch(
        rule_id=_ID,
        subject=name,
        message=f"Service {name} holds Docker's socket: whoever takes it over, has root on the host.",
        fix=f"Take the mount out, or give {name} a proxy of the socket that lets through only what it needs.",
        evidence=(shows(place, "mounts Docker's socket"), shows(each.place, f"service {name}")),
        stack=each.stack.name,
        severity=Severity.LOW if usual or each.development else Severity.HIGH,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A service holds Docker's socket",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/engine/security/#docker-daemon-attack-surface",
    stage=FixStage.CLOSE,
)
