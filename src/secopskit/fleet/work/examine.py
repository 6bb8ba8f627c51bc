"""One repository scanned: brought up to date, looked at where anything has changed, told as a document."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import NamedTuple

from secopskit import __version__
from secopskit.detect.web_tokens import EXPIRES
from secopskit.errors import GitError
from secopskit.findings import ScanResult, SuppressedBy
from secopskit.fleet.document import make_document
from secopskit.fleet.key import key_mark
from secopskit.fleet.model import NEVER, Outcome, OutcomeKind, PlaceKind, ScanLabel, Unit
from secopskit.fleet.work.askpass import answers_for
from secopskit.fleet.work.clones import bring
from secopskit.fleet.work.head import HEAD, HeadTree, has_head
from secopskit.fleet.work.shelf import Shelf
from secopskit.fleet.work.state_digest import common_directory, state_digest
from secopskit.git.repository import Repository
from secopskit.scan.history.selection import WHOLE_HISTORY
from secopskit.scan.session import Overrides, ScanSession
from secopskit.secret import SecretValue, plain_digest
from secopskit.settings.environment import inherited

_NO_COMMIT = "HEAD leads to no commit: nothing in the repository says what is not reported."
# What these hold back may end on a day that they name.
_DATED = (SuppressedBy.BASELINE, SuppressedBy.IGNORE_FILE)


class Workplace(NamedTuple):
    """What a worker works with: the fleet's key, the shelf for clones, a directory for programs of ours.

    `label` is its `program_label`, once that is known.
    """

    key: bytes
    shelf: Shelf
    directory: str
    label: str = ""


def examine(unit: Unit, workplace: Workplace, token: SecretValue | None) -> Outcome:
    """Scan the repository of a unit, unless its last result still holds. Raises SecopsError."""
    day = datetime.now(UTC).date().isoformat()
    with _place(unit, workplace) as path:
        # Of a directory nothing has to be brought, and git need not be asked.
        if unit.repository.kind is PlaceKind.DIRECTORY and _holds(
            unit, workplace, common_directory(path), day
        ):
            return Outcome(unit.number, OutcomeKind.UNCHANGED, label=unit.last)
        repository = _repository(unit, path, workplace, token)
        if _holds(unit, workplace, repository.common_dir, day):
            return Outcome(unit.number, OutcomeKind.UNCHANGED, label=unit.last)
        label = _label(unit, workplace, repository.common_dir)
        session = _session(unit, repository, workplace.key)
        result = session.scan_commits(WHOLE_HISTORY, purpose="a fleet")
        return _outcome(unit, workplace, session, result, label, day)


def _holds(unit: Unit, workplace: Workplace, directory: str, day: str) -> bool:
    """Whether the last result of a unit holds today, its objects and refs being in `directory`."""
    if unit.last == NEVER or not directory:
        return False
    label = _label(unit, workplace, directory)
    return unit.last in (label, label._replace(day=day))


def _label(unit: Unit, workplace: Workplace, directory: str) -> ScanLabel:
    return ScanLabel(state_digest(directory), workplace.label + ("" if unit.judged else "/unjudged"))


def _place(unit: Unit, workplace: Workplace) -> AbstractContextManager[str]:
    if unit.repository.kind is PlaceKind.DIRECTORY:
        return nullcontext(unit.repository.address)
    return workplace.shelf.place(unit.repository.address)


def _repository(unit: Unit, path: str, workplace: Workplace, token: SecretValue | None) -> Repository:
    if unit.repository.kind is PlaceKind.HOSTED:
        workplace.shelf.make_room(path, unit.repository.size)
        answers: Mapping[str, str] = {}
        if token is not None:
            answers = answers_for(unit.repository.address, token, workplace.directory)
        limit = unit.limits.largest_blob
        return bring(unit.repository, path, inherited(), answers, largest_blob=limit)
    found = Repository.open(path) if os.path.isdir(path) else None
    if found is None:
        raise GitError(f"{path}: is no git repository (any more)", advice="Leave it out, or bring it back.")
    return found


def _session(unit: Unit, repository: Repository, key: bytes) -> ScanSession:
    """The scan, in one process. What is held back is what HEAD says, and no work tree."""
    overrides = Overrides(
        jobs=1,
        use_baseline=unit.judged,
        suppressions_from=HEAD if has_head(repository) else None,
    )
    return ScanSession(repository.root, overrides, key=key)


def program_label(session: ScanSession) -> str:
    """What stands for the program, its rules and the settings of the worker's own environment.

    What a repository says itself is among what its state stands for. Raises ConfigError.
    """
    parts = (__version__, session.detectors.ruleset.label.hex(), repr(session.config.scan))
    return plain_digest("\0".join(parts).encode("utf-8", "surrogateescape"), 16)


def _outcome(
    unit: Unit, workplace: Workplace, session: ScanSession, result: ScanResult, label: ScanLabel, day: str
) -> Outcome:
    repository = session.require_repository("a fleet")
    there = has_head(repository)
    head = HeadTree(repository, there=there)
    if not there:
        result = result._replace(limits=(*result.limits, _NO_COMMIT))
    document = make_document(
        result._replace(target=unit.repository.name),
        owners=head.owners(),
        in_head=head.holding(result.findings, limit=session.limit),
    )
    if _is_dated(result):
        label = label._replace(day=day)
    return Outcome(
        unit.number,
        OutcomeKind.SCANNED,
        label=label,
        document=document,
        key_mark=key_mark(workplace.key),
    )


def _is_dated(result: ScanResult) -> bool:
    """Whether the same scan may say something else tomorrow."""
    found = (*result.findings, *(one.finding for one in result.suppressed))
    return any(one.by in _DATED for one in result.suppressed) or any(EXPIRES in one.note for one in found)
