"""One repository scanned: brought up to date, looked at where anything has changed, told as a document."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from secopskit import __version__
from secopskit.detect.value.web_tokens import EXPIRES
from secopskit.errors import GitError
from secopskit.findings import ScanResult, SuppressedBy
from secopskit.fleet.document import make_document
from secopskit.fleet.key import key_mark
from secopskit.fleet.model import Outcome, OutcomeKind, RepositoryKind, ScanLabel, WorkUnit
from secopskit.fleet.worker.askpass import answers_for
from secopskit.fleet.worker.clones import bring
from secopskit.fleet.worker.head import HEAD, HeadTree, has_head
from secopskit.fleet.worker.shelf import CloneShelf
from secopskit.fleet.worker.state_digest import common_directory, state_digest
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.scan.history.objects.selection import WHOLE_HISTORY
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
    shelf: CloneShelf
    directory: str
    label: str = ""


def examine(unit: WorkUnit, workplace: Workplace, token: SecretValue | None) -> Outcome:
    """Scan the repository of a unit, unless its last result still holds. Raises SecopsError."""
    day = datetime.now(UTC).date().isoformat()
    with _place(unit, workplace) as path:
        # A directory is as it is: where nothing has changed in it, git need not be asked.
        directory = common_directory(path) if unit.repository.kind is RepositoryKind.DIRECTORY else ""
        repository = None if directory else _repository(unit, path, workplace, token)
        label = _label(unit, workplace, repository.common_dir if repository else directory)
        if unit.last in (label, label._replace(day=day)):
            return Outcome(unit.number, OutcomeKind.UNCHANGED, label=unit.last)
        return _scanned(unit, repository or _repository(unit, path, workplace, token), workplace, label, day)


def _label(unit: WorkUnit, workplace: Workplace, directory: str) -> ScanLabel:
    return ScanLabel(state_digest(directory), workplace.label + ("" if unit.judged else "/unjudged"))


def _place(unit: WorkUnit, workplace: Workplace) -> AbstractContextManager[str]:
    if unit.repository.kind is RepositoryKind.DIRECTORY:
        return nullcontext(unit.repository.address)
    return workplace.shelf.place(unit.repository.address)


def _repository(unit: WorkUnit, path: str, workplace: Workplace, token: SecretValue | None) -> Repository:
    if unit.repository.kind is RepositoryKind.HOSTED:
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


def program_label(session: ScanSession) -> str:
    """What stands for the program, its rules and the settings of the worker's own environment.

    What a repository says itself is among what its state stands for. Raises ConfigError.
    """
    parts = (__version__, session.detectors.ruleset.label.hex(), repr(session.config.scan))
    return plain_digest("\0".join(parts).encode("utf-8", "surrogateescape"), 16)


def _scanned(
    unit: WorkUnit, repository: Repository, workplace: Workplace, label: ScanLabel, day: str
) -> Outcome:
    """The outcome of a scan, in one process. What is held back is what HEAD says, and no work tree."""
    there = has_head(repository)
    overrides = Overrides(jobs=1, use_baseline=unit.judged, suppressions_from=HEAD if there else None)
    session = ScanSession(repository.root, overrides, key=workplace.key)
    result = session.scan_commits(WHOLE_HISTORY, purpose="a fleet")
    result = result._replace(target=unit.repository.name)
    if not there:
        result = result._replace(limits=(*result.limits, _NO_COMMIT))
    head = HeadTree(repository, there=there)
    in_head = head.holding(result.findings, result.skipped, limit=session.limit)
    return Outcome(
        unit.number,
        OutcomeKind.SCANNED,
        label=label._replace(day=day) if _is_dated(result) else label,
        document=make_document(result, owners=head.owners(), in_head=in_head),
        key_mark=key_mark(workplace.key),
    )


def _is_dated(result: ScanResult) -> bool:
    """Whether the same scan may say something else tomorrow."""
    found = (*result.findings, *(one.finding for one in result.suppressed))
    return any(one.by in _DATED for one in result.suppressed) or any(EXPIRES in one.note for one in found)
