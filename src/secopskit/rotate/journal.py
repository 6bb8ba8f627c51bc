"""The journal of a rotation: what it must remember to be finished or undone.

It lies in `<git dir>/secops/rotate/`, the rotation's notebook. The journal itself holds no value; old,
drafted and new values lie beside it in private files, each written before the step that needs it and
removed when the rotation of its credential has ended.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, NamedTuple, Self

from secopskit.errors import IncompleteError
from secopskit.git.repository import Repository
from secopskit.rotate.model import FindingNote, RotationStep
from secopskit.rotate.request import ReportedPlace, RotationRequest
from secopskit.secret import SecretValue, plain_digest
from secopskit.state.notebook import JournalForm, Notebook
from secopskit.state.private import sync_directory
from secopskit.state.smallfiles import read_own

_VERSION: Final = 1
_LARGEST_VALUE: Final = 16 * 1024 * 1024
_PREFIX: Final = "value-"


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

    def values(self, credential_id: str) -> RotationValues:
        """The values of a credential under way."""
        return RotationValues(self, credential_id)


class Rewrite(NamedTuple):
    """A value that is read somewhere, and what it becomes.

    `file` is a dotenv file that we were told to edit; else it is a declared one of `environment`. `before`
    is None where the source had none.
    """

    environment: str
    name: str
    file: str
    before: SecretValue | None
    after: SecretValue


class ValueSlot(Enum):
    """Which value of a credential a file holds."""

    OLD = "old"
    DRAFT = "draft"
    NEW = "new"
    COMPANIONS = "companions"
    REWRITES = "rewrites"


@dataclass(frozen=True, slots=True)
class RotationValues:
    """The private files with the values of one credential, 0600 and on the disk before we go on."""

    notebook: RotationNotebook
    credential_id: str

    def keep(self, slot: ValueSlot, value: SecretValue | None) -> None:
        """Write a value down; nothing for none. Raises SecopsError."""
        if value is not None:
            self.notebook.keep(self._name(slot), value.reveal())

    def find(self, slot: ValueSlot) -> SecretValue | None:
        """A value that was written down. Raises SecopsError."""
        data = self._read(slot)
        return None if data is None else SecretValue(data)

    def keep_companions(self, values: Mapping[str, SecretValue]) -> None:
        """Write down what changes together with the new value."""
        if values:
            text = json.dumps({name: _wire(value) for name, value in values.items()})
            self.notebook.keep(self._name(ValueSlot.COMPANIONS), text.encode())

    def companions(self) -> dict[str, SecretValue]:
        """What changes together with the new value."""
        known = json.loads(self._read(ValueSlot.COMPANIONS) or b"{}")
        return {name: SecretValue(b64decode(text)) for name, text in known.items()}

    def keep_rewrites(self, rewrites: Iterable[Rewrite]) -> None:
        """Write down what is about to be written, and what was there before."""
        rows = [(*one[:3], one.before and _wire(one.before), _wire(one.after)) for one in rewrites]
        self.notebook.keep(self._name(ValueSlot.REWRITES), json.dumps(rows).encode())

    def rewrites(self) -> tuple[Rewrite, ...] | None:
        """What was about to be written; None where it had not come to that."""
        data = self._read(ValueSlot.REWRITES)
        if data is None:
            return None
        return tuple(
            Rewrite(
                environment,
                name,
                file,
                None if before is None else SecretValue(b64decode(before)),
                SecretValue(b64decode(after)),
            )
            for environment, name, file, before, after in json.loads(data)
        )

    def forget(self) -> None:
        """Remove all of them."""
        for slot in ValueSlot:
            with suppress(FileNotFoundError):
                os.unlink(self.notebook.file(self._name(slot)))
        sync_directory(self.notebook.path)

    def _name(self, slot: ValueSlot) -> str:
        return f"{_PREFIX}{plain_digest(self.credential_id.encode(), 8)}-{slot.value}"

    def _read(self, slot: ValueSlot) -> bytes | None:
        try:
            return read_own(self.notebook.file(self._name(slot)), _LARGEST_VALUE)
        except OSError as error:
            raise IncompleteError(
                f"{self.notebook.file(self._name(slot))}: cannot be read: {error.strerror}",
                advice="Without it the rotation cannot go on. Restore the file, or rotate anew.",
            ) from None


def _wire(value: SecretValue) -> str:
    return b64encode(value.to_wire()).decode("ascii")


class RotationBook:
    """The journal of the rotation under way, kept on the disk step by step. One process holds the lock."""

    def __init__(self, notebook: RotationNotebook, journal: RotationJournal) -> None:
        self.notebook = notebook
        self.journal = journal

    def record(self, credential_id: str) -> RotationRecord:
        """How far that credential has come."""
        return next(one for one in self.journal.records if one.id == credential_id)

    def advance(self, credential_id: str, step: RotationStep, **changes: Any) -> RotationRecord:
        """Write down that a step is reached, and what has become known by then. Raises SecopsError.

        Of a credential that has ended, the values are gone afterwards.
        """
        before = self.record(credential_id)
        times = before.times if step is before.step else {**before.times, step.value: _now()}
        after = replace(before, step=step, times=times, **changes)
        records = tuple(after if one.id == credential_id else one for one in self.journal.records)
        self.journal = self.notebook.write(replace(self.journal, records=records))
        if step.ended:
            self.notebook.values(credential_id).forget()
        return after

    def begin(self) -> None:
        """Write down that it has begun; values that a crash left of what had ended are removed."""
        self.journal = self.notebook.write(replace(self.journal, step=RotationStage.RUNNING))
        for record in self.journal.records:
            if record.step.ended:
                self.notebook.values(record.id).forget()

    def end(self) -> bool:
        """Close the notebook if all has ended; whether it was closed."""
        if any(not record.step.ended for record in self.journal.records):
            return False
        self.notebook.close(self.journal)
        return True


def new_journal(request: RotationRequest, records: tuple[RotationRecord, ...]) -> RotationJournal:
    """A journal in which nothing has happened yet."""
    return RotationJournal(
        id=os.urandom(6).hex(),
        step=RotationStage.PLANNED,
        started=_now(),
        request=request,
        records=records,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
