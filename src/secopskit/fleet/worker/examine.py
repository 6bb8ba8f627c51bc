"""One repository scanned: brought up to date, looked at where anything has changed, told as a document."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from secopskit import __version__
from secopskit.detect.value.web_tokens import EXPIRES
from secopskit.errors import GitError
from secopskit.findings import ScanResult, SkipReason, SuppressedBy
from secopskit.fleet.document import make_document
from secopskit.fleet.key import key_mark
from secopskit.fleet.model import Outcome, OutcomeKind, RepositoryKind, ScanLabel, WorkUnit
from secopskit.fleet.worker.askpass import answers_for
from secopskit.fleet.worker.clones import bring, is_whole, refs_of
from secopskit.fleet.worker.head import HEAD, HeadTree, has_head
from secopskit.fleet.worker.host import HostAccess, HostError
from secopskit.fleet.worker.shelf import CloneShelf, discard
from secopskit.fleet.worker.state_digest import common_directory, state_digest
from secopskit.git.process import GitKilledError
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
    task = _Task(unit, workplace, datetime.now(UTC).date().isoformat())
    if unit.repository.kind is RepositoryKind.DIRECTORY:
        return _in_directory(task)
    return _hosted(task, token)


class _Task(NamedTuple):
    """A unit, what is worked with, and the day on which it was begun."""

    unit: WorkUnit
    workplace: Workplace
    day: str

    def label(self, state: str) -> ScanLabel:
        """What a result holds for. What was not cloned for its size was not seen."""
        limit = self.unit.limits.largest_blob
        limited = limit and self.unit.repository.kind is RepositoryKind.HOSTED
        parts = (
            self.workplace.label,
            "" if self.unit.judged else "unjudged",
            f"blobs-{limit}" if limited else "",
        )
        return ScanLabel(state, "/".join(filter(None, parts)))

    def holds(self, label: ScanLabel) -> bool:
        """Whether the unit's last result is one for `label`."""
        return self.unit.last in (label, label._replace(day=self.day))

    @property
    def unchanged(self) -> Outcome:
        """The outcome where it is."""
        return Outcome(self.unit.number, OutcomeKind.UNCHANGED, label=self.unit.last)


def _in_directory(task: _Task) -> Outcome:
    """A directory is as it is: where nothing has changed in it, git need not be asked."""
    path = task.unit.repository.address
    place = common_directory(path)
    repository = None if place else _repository_at(path)
    label = task.label(state_digest(repository.common_dir if repository else place))
    if task.holds(label):
        return task.unchanged
    return _scanned(task, repository or _repository_at(path), label).outcome


def _repository_at(path: str) -> Repository:
    """The repository in a directory itself: where that is broken, git would take the one above it."""
    found = Repository.open(path) if os.path.isdir(path) else None
    if found is None:
        raise GitError(f"{path}: is no git repository (any more)", advice="Leave it out, or bring it back.")
    own = (found.work_tree, found.git_dir, os.path.dirname(found.git_dir))
    if os.path.realpath(path) not in [os.path.realpath(one) for one in own if one]:
        raise GitError(
            f"{path}: git takes it for no repository, but for a part of one above it",
            advice="Is its HEAD damaged? Mend it, or leave it out.",
        )
    return found


def _hosted(task: _Task, token: SecretValue | None) -> Outcome:
    """Nothing is fetched while the host has what it had. A mirror that is damaged is made anew, once."""
    repository, workplace = task.unit.repository, task.workplace
    answers = answers_for(repository.address, token, workplace.directory) if token is not None else {}
    access = HostAccess.to(repository, inherited(), answers)
    with workplace.shelf.place(repository.address) as path:
        there = access.refs(repository.branch)
        if task.holds(task.label(there.digest)):
            return task.unchanged
        workplace.shelf.make_room(path, repository.size)
        work = partial(_mirrored, task, access, path, there.branch)
        if os.path.isdir(path):
            with suppress(_DamagedMirrorError):
                return work(known=True)
            discard(path)
        return work(known=False)


class _DamagedMirrorError(GitError):
    """A mirror of ours cannot be read, though the host may be whole."""


def _mirrored(task: _Task, access: HostAccess, path: str, branch: str, *, known: bool) -> Outcome:
    """What a scan of the mirror comes to. Raises _DamagedMirrorError for one that is `known` and damaged."""
    limit = task.unit.limits.largest_blob
    mirror = None
    try:
        mirror = bring(access, path, branch, largest_blob=limit)
        scanned = _scanned(task, mirror, task.label(refs_of(mirror, branch)))
    except (GitKilledError, HostError):
        raise
    except GitError:
        if known and (mirror is None or not is_whole(mirror)):
            raise _DamagedMirrorError(path) from None
        raise
    lacking = {SkipReason.UNREADABLE} | (set() if limit else {SkipReason.MISSING_OBJECT})
    if known and not lacking.isdisjoint(scanned.skipped_for):
        raise _DamagedMirrorError(path)
    return scanned.outcome


def program_label(session: ScanSession) -> str:
    """What stands for the program, its rules and the settings of the worker's own environment.

    What a repository says itself is among what its state stands for. Raises ConfigError.
    """
    parts = (__version__, session.detectors.ruleset.label.hex(), repr(session.config.scan))
    return plain_digest("\0".join(parts).encode("utf-8", "surrogateescape"), 16)


class _Scanned(NamedTuple):
    """The outcome of a scan, and why things were passed over in it."""

    outcome: Outcome
    skipped_for: frozenset[SkipReason]


def _scanned(task: _Task, repository: Repository, label: ScanLabel) -> _Scanned:
    """The outcome of a scan, in one process. What is held back is what HEAD says, and no work tree."""
    unit, key = task.unit, task.workplace.key
    there = has_head(repository)
    overrides = Overrides(jobs=1, use_baseline=unit.judged, suppressions_from=HEAD if there else None)
    session = ScanSession(repository.root, overrides, key=key)
    result = session.scan_commits(WHOLE_HISTORY, purpose="a fleet")
    result = result._replace(target=unit.repository.name)
    if not there:
        result = result._replace(limits=(*result.limits, _NO_COMMIT))
    head = HeadTree(repository, there=there)
    in_head = head.holding(result.findings, result.skipped, limit=session.limit)
    outcome = Outcome(
        unit.number,
        OutcomeKind.SCANNED,
        label=label._replace(day=task.day) if _is_dated(result) else label,
        document=make_document(result, owners=head.owners(), in_head=in_head),
        key_mark=key_mark(key),
    )
    return _Scanned(outcome, frozenset(one.reason for one in result.skipped))


def _is_dated(result: ScanResult) -> bool:
    """Whether the same scan may say something else tomorrow."""
    found = (*result.findings, *(one.finding for one in result.suppressed))
    return any(one.by in _DATED for one in result.suppressed) or any(EXPIRES in one.note for one in found)
