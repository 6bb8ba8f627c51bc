"""The nouns of a fleet: repositories, units of work, what became of them.

Data flows one way: selection -> repository -> unit -> worker -> outcome -> store -> facts -> report.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

from secopskit.named_tuple import NamedTuple

MEBIBYTE: Final = 1024 * 1024


class RepositoryKind(Enum):
    """Where a repository is. The value is what the store keeps."""

    HOSTED = "hosted"
    """At a git host: it is cloned into a directory of ours, and fetched from then on."""
    DIRECTORY = "directory"
    """In a directory of this machine, and scanned there."""


class FleetRepository(NamedTuple):
    """A repository of the fleet.

    `name` tells it from all others and is what reports call it: `github.com/acme/app`, or a directory's
    absolute path. `address` is what git fetches from, without credentials; or the directory. `branch` is the
    host's default branch, empty where nobody told. `size` is an estimate in bytes, 0 where nobody told.
    """

    name: str
    kind: RepositoryKind
    address: str
    branch: str = ""
    size: int = 0
    visibility: str = ""
    archived: bool = False
    fork: bool = False


class UnitLimits(NamedTuple):
    """What one repository may use: seconds, bytes of memory of each process, bytes of disk for its clone.

    `largest_blob` in bytes: with it, what is larger is not cloned where the host can leave it out; 0: all is.
    """

    seconds: int = 3600
    memory: int = 4096 * MEBIBYTE
    disk: int = 20480 * MEBIBYTE
    largest_blob: int = 0


class ScanLabel(NamedTuple):
    """What a result holds for: the `state` of the objects and refs, the `rules` and settings, and the `day`.

    `day` (ISO 8601, UTC) is empty unless something in the result depends on the date.
    """

    state: str = ""
    rules: str = ""
    day: str = ""


NEVER: Final = ScanLabel()


class WorkUnit(NamedTuple):
    """One piece of work: a repository to be scanned. All of it may be seen by whoever runs the cluster.

    `number` is its number in the store. `last` is what its last result holds for: nothing is scanned where
    that is still so. `judged`: what the repository itself holds back (baseline, comments, settings) counts.
    `api` is the address of the API of the GitHub that is scanned, empty for github.com.
    """

    number: int
    repository: FleetRepository
    limits: UnitLimits = UnitLimits()
    last: ScanLabel = NEVER
    judged: bool = True
    api: str = ""


class OutcomeKind(Enum):
    """What became of a unit. The value is what crosses between processes."""

    SCANNED = "scanned"
    UNCHANGED = "unchanged"
    """Nothing has changed since its last result, which still holds."""
    FAILED = "failed"
    KILLED = "killed"
    """Its worker was killed, or crashed: it may be tried again."""


class Outcome(NamedTuple):
    """What a worker says of a unit. `reason` and `advice` are sentences; `seconds` is wall time.

    `document` is the report as plain JSON, compressed; see `secopskit.fleet.document`. `key_mark` tells which
    key the fingerprints in it were made with.
    """

    number: int
    kind: OutcomeKind
    reason: str = ""
    advice: str = ""
    seconds: float = 0.0
    label: ScanLabel = NEVER
    document: bytes = b""
    key_mark: str = ""


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of the answers is yes; None where none is, and one of them is not known."""
    known = set(answers)
    return True if True in known else None if None in known else False


def pack_unit(unit: WorkUnit) -> str:
    """A unit as one line of JSON."""
    return json.dumps(unit, default=_plain)


def unpack_unit(line: str | bytes) -> WorkUnit:
    """A unit of `pack_unit`. Raises ValueError for anything else."""
    number, repository, limits, last, judged, api = _fields(line, len(WorkUnit._fields))
    name, kind, *others = repository
    return WorkUnit(
        number,
        FleetRepository(name, RepositoryKind(kind), *others),
        UnitLimits(*limits),
        ScanLabel(*last),
        judged,
        api,
    )


def pack_outcome(outcome: Outcome) -> str:
    """An outcome as one line of JSON."""
    return json.dumps(outcome, default=_plain)


def unpack_outcome(line: str | bytes) -> Outcome:
    """An outcome of `pack_outcome`. Raises ValueError for anything else."""
    number, kind, reason, advice, seconds, label, document, mark = _fields(line, len(Outcome._fields))
    return Outcome(
        number,
        OutcomeKind(kind),
        reason,
        advice,
        seconds,
        ScanLabel(*label),
        base64.b64decode(document, validate=True),
        mark,
    )


def _fields(line: str | bytes, number: int) -> list[Any]:
    found = json.loads(line)
    if not isinstance(found, list) or len(found) != number:
        raise ValueError("not what a worker says")
    return found


def _plain(value: object) -> str:
    """What JSON has no form for: a kind is its word, a document its bytes in base64."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)
