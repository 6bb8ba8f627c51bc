"""Databases whose data goes with their container."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.images import ServerImage
from secopskit.audit.mismatch.services.look.servers import RunningService, by_identity, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.facts import EndpointKind, MountedVolume, ProjectFacts
from secopskit.findings import Severity

_ID: Final = "database-volume"
_MAJOR: Final = re.compile(r"(?:.{0,40}pg)?(\d{1,2})(?:[.-].*)?")
_PLAIN_SINCE: Final = 18
_EXPLANATION: Final = """
Without a volume that has a name, the data of a database is in the container, or in an anonymous volume
that nobody
finds again: after `docker compose down` the next container starts empty.

Wrong:

```yaml
services:
  db:
    image: postgres:17
```

Right:

```yaml
services:
  db:
    image: postgres:17
    volumes: ["db-data:/var/lib/postgresql/data"]
volumes:
  db-data:
```

No fault: a database that holds nothing worth keeping (tests, a cache), or one whose directory is elsewhere by
a setting of its own; those that say so are not told.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    yield from once(
        _mismatch(same[0], same[0].server)
        for same in by_identity(running(project))
        if same[0].server and same[0].server.data and not any(_keeps(each) for each in same)
    )


def _keeps(each: RunningService) -> bool:
    """Whether what is below the directory of its data is mounted, or it may be elsewhere."""
    server = each.server
    if server is None or any(_is_unclear(volume) for volume in each.service.volumes):
        return True
    if any(setting.name in ("PGDATA", "MYSQL_DATADIR") for setting in each.service.environment):
        return any(volume.source for volume in each.service.volumes)
    return any(_holds(volume, server) for volume in each.service.volumes)


def _is_unclear(volume: MountedVolume) -> bool:
    """Whether a variable without a value decides where it is mounted."""
    return "}" in volume.target or "${" in volume.target


def _holds(volume: MountedVolume, server: ServerImage) -> bool:
    target = volume.target.rstrip("/")
    if not volume.source or not target or volume.read_only:
        return False
    return any(
        target == data or target.startswith(f"{data}/") or data.startswith(f"{target}/")
        for data in server.data
    )


def _directory(each: RunningService, server: ServerImage) -> str:
    """Where the image keeps its data. PostgreSQL below 18 has an anonymous volume in the usual directory.

    See https://hub.docker.com/_/postgres (PGDATA).
    """
    if each.image is None:
        return server.data[0]
    if "bitnami" in each.image.name:
        return next((data for data in server.data if data.startswith("/bitnami")), server.data[0])
    version = _MAJOR.fullmatch(each.image.tag)
    below_18 = version is not None and int(version[1]) < _PLAIN_SINCE
    return f"{server.data[0]}/data" if server.kind is EndpointKind.POSTGRES and below_18 else server.data[0]


def _mismatch(each: RunningService, server: ServerImage) -> Mismatch:
    name = each.service.name
    anonymous = any(not volume.source for volume in each.service.volumes)
    return Mismatch(
        rule_id=_ID,
        subject=name,
        message=f"{server.label} of service {name} keeps its data in "
        + (
            "an anonymous volume: the next container does not find it."
            if anonymous
            else "its container: it goes with it."
        ),
        fix=f"Mount a named volume at {_directory(each, server)} of {name}.",
        evidence=(shows(each.place, f"{name} mounts no volume with a name for its data"),),
        stack=each.stack.name,
        severity=Severity.LOW if each.development else Severity.MEDIUM,
        development=each.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="The data of a database goes with its container",
    severity=Severity.MEDIUM,
    judge=judge,
    explanation=_EXPLANATION,
    fold=Fold.STACK,
    reference="https://docs.docker.com/engine/storage/volumes/",
    stage=FixStage.LAST,
)
