"""The journal of a rotation: what it must remember to be finished or undone.

It lies in `<git dir>/secops/rotate/`, the rotation's notebook. The journal itself holds no value: see
`secopskit.rotate.keep.values` for those.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import Enum
from typing import Any, Final, Self

from secopskit.git.repository import Repository
from secopskit.rotate.model import FindingNote, RotationStep
from secopskit.rotate.request import ReportedPlace, RotationRequest
from secopskit.state.notebook import JournalForm, Notebook

_VERSION: Final = 1


class RotationStage(Enum):
    """How far a rotation has come as a whole: up to PLANNED nothing has been changed."""

    PLANNED = "planned"
    RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRecord:
    """How far one credential's rotation has come. No value stands in it.

    `fingerprint` and `renewed` are those of the old and of the new value; `findings` those that led to it.
    `draft` and `memo` are the names and ids that the provider wrote down. `rewritten` are fingerprints of
    what is being published, empty until that is agreed to; `repositories` are those whose workflows read
    it. `times` says when each step was reached, `told` what was seen, `unseen` what could not be looked
    at, `problem` and `code` what stopped it.
    """

    id: str
    name: str
    environment: str
    provider: str
    rule_id: str = ""
    step: RotationStep = RotationStep.PLANNED
    fingerprint: str = ""
    renewed: str = ""
    findings: tuple[FindingNote, ...] = ()
    draft: Mapping[str, str] = field(default_factory=dict)
    memo: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    rewritten: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    problem: str = ""
    advice: str = ""
    code: int = 0

    def time_of(self, step: RotationStep) -> datetime | None:
        """When that step was reached."""
        text = self.times.get(step.value)
        return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationJournal:
    """The journal of a rotation: what was asked for, the plan's names, and a record a credential."""

    id: str
    step: RotationStage
    started: str
    request: RotationRequest
    records: tuple[RotationRecord, ...]


def _to_json(journal: RotationJournal) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "id": journal.id,
        "step": journal.step.value,
        "started": journal.started,
        "request": asdict(journal.request),
        "records": [_record(record) for record in journal.records],
    }


def _record(record: RotationRecord) -> dict[str, Any]:
    known = {one.name: getattr(record, one.name) for one in fields(record)}
    return known | {"step": record.step.value}


def _from_json(document: dict[str, Any]) -> RotationJournal:
    if document.pop("version") != _VERSION:
        raise ValueError
    request = document["request"]
    return RotationJournal(
        id=str(document["id"]),
        step=RotationStage(document["step"]),
        started=str(document["started"]),
        request=RotationRequest(
            **request
            | {name: tuple(request[name]) for name in ("names", "environments", "edits")}
            | {"reported": tuple(_reported(*one) for one in request["reported"])}
        ),
        records=tuple(_read_record(one) for one in document["records"]),
    )


def _reported(names: list[Any], *rest: Any) -> ReportedPlace:
    return ReportedPlace(tuple(tuple(one) if isinstance(one, list) else one for one in names), *rest)


def _read_record(document: dict[str, Any]) -> RotationRecord:
    return RotationRecord(
        **document
        | {
            "step": RotationStep(document["step"]),
            "findings": tuple(FindingNote(*one) for one in document["findings"]),
        }
        | {name: tuple(document[name]) for name in ("told", "unseen", "rewritten", "repositories")}
    )


_FORM: Final = JournalForm(
    encode=_to_json,
    decode=_from_json,
    of="a rotation",
    running="another rotation of this repository",
    busy="Let it finish. How far it is: secops rotate status.",
    advice="Move it away by hand; the files beside it whose names begin with `value-` hold values.",
)


class RotationNotebook(Notebook[RotationJournal]):
    """The directory in which a repository's rotation keeps its journal and, while it lasts, its values."""

    __slots__ = ()

    @classmethod
    def of(cls, repository: Repository) -> Self:
        """The notebook of a repository, whether or not there is anything in it."""
        return cls(os.path.join(repository.state_dir, "rotate"), _FORM)

    def unfinished(self) -> RotationJournal | None:
        """The journal of a rotation that has begun and not ended."""
        journal = self.read()
        return journal if journal and journal.step is RotationStage.RUNNING else None
