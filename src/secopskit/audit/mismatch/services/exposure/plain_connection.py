"""Connections to remote databases without TLS, or without a look at the certificate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.hosts import is_remote
from secopskit.audit.mismatch.services.look.servers import all_names
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import Endpoint, EndpointKind, FileRole, ProjectFacts
from secopskit.findings import Severity

_ID: Final = "plain-connection"
_OFF: Final = frozenset({"disable", "false", "0", "off", "no", "disabled", "none"})
_DATABASES: Final = frozenset(
    {
        EndpointKind.POSTGRES,
        EndpointKind.MYSQL,
        EndpointKind.REDIS,
        EndpointKind.MONGODB,
        EndpointKind.AMQP,
    }
)
_FIXES: Final = {
    EndpointKind.POSTGRES: "Write sslmode=verify-full",
    EndpointKind.REDIS: "Write rediss:// for redis://",
    EndpointKind.AMQP: "Write amqps:// for amqp://",
    EndpointKind.MONGODB: "Write tls=true",
    EndpointKind.MYSQL: "Write ssl-mode=VERIFY_IDENTITY, or the driver's word for it",
}
_ROLES: Final = frozenset({FileRole.PRODUCT, FileRole.EXAMPLE})
_EXPLANATION: Final = """
The password and every row cross networks of others where anybody on the way can read and change them.

Wrong:

```
DATABASE_URL=postgres://app:…@db.example.net:5432/shop?sslmode=disable
```

Right: `sslmode=verify-full` (with `sslrootcert=` where the authority is not a public one).

No fault: a host of the same stack, of this machine or of a private network; those are not told.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    names = all_names(project)
    yield from once(
        _mismatch(endpoint)
        for endpoint in project.endpoints
        if endpoint.tls in _OFF
        and endpoint.kind in _DATABASES
        and endpoint.role in _ROLES
        and is_remote(endpoint.host)
        and endpoint.host.lower() not in names
    )


def _mismatch(endpoint: Endpoint) -> Mismatch:
    where = f" of {endpoint.scope}" if endpoint.scope else ""
    return Mismatch(
        rule_id=_ID,
        subject=endpoint.key,
        message=f"{endpoint.key}{where} reaches {endpoint.kind.value} at {endpoint.host} without "
        f"TLS: whoever is on "
        "the way reads the password and the data.",
        fix=_FIXES.get(endpoint.kind, "Write the driver's word for TLS with a look at the certificate")
        + ", and see that the server has TLS on.",
        evidence=(shows(endpoint.place, f"{endpoint.host} with TLS {endpoint.tls}"),),
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A remote database is reached without TLS",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
    stage=FixStage.CLOSE,
)
