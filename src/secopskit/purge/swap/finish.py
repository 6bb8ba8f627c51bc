"""The end of a purge, from the swap to the proof: the same for a fresh one and a resumed one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from secopskit.conduct.tell import Tell
from secopskit.errors import IncompleteError, SecopsError
from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.repository import Repository
from secopskit.progress import Progress, ProgressStage
from secopskit.purge.journal import Head, Journal, PurgeNotebook, PurgeStep
from secopskit.purge.model import Proof, PurgeOutcome, RefChange
from secopskit.purge.proof.prove import prove
from secopskit.purge.swap.backup import Backup
from secopskit.purge.swap.cleanup import clean_up, writing_graph
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.purge.veil import veiling

COMMIT_MAP = "commit-map"
TAG_MAP = "tag-map"
GONE = "gone"

# Told of the outcome while a purge that is cut off can still be resumed; called again if it is.
Conclude = Callable[[PurgeOutcome], None]


_STAGES: Final = {
    "backup": ProgressStage.BACKING_UP,
    "rewrite": ProgressStage.REWRITING_FILES,
    "check": ProgressStage.CHECKING_REWRITE,
    "pack": ProgressStage.PACKING,
    "swap": ProgressStage.SWAPPING,
    "clean-up": ProgressStage.CLEANING_UP,
    "proof": ProgressStage.PROVING,
}


@dataclass(slots=True)
class Clock:
    """A clock of phases: tells which one has begun, and keeps how many seconds each took.

    `jobs` is the number of processes that a phase may take, 0 for one a core.
    """

    tell: Tell
    progress: Progress
    jobs: int = 0
    phases: dict[str, float] = field(default_factory=dict)
    _phase: str = ""
    _since: float = field(default_factory=time.perf_counter)

    def begin(self, phase: str) -> None:
        """The phase before is over, this one begins."""
        self.stop()
        self._phase, self._since = phase, time.perf_counter()
        self.tell.phase(phase)
        self.progress.stage(_STAGES[phase])

    def stop(self) -> None:
        """The last phase is over."""
        if self._phase:
            spent = time.perf_counter() - self._since
            self.phases[self._phase] = self.phases.get(self._phase, 0.0) + spent
        self._phase = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChange:
    """The change of a history, as far as it is needed to the end of the purge.

    `commits` and `tags` go from old ids to new ones, `renamed` from old names of refs to new ones.
    `gone` are the ids of all objects that have to go; `clean` are objects known to hold no value. `veiled`
    are the names of refs and work trees that hold one.
    """

    refs: tuple[RefChange, ...]
    commits: Mapping[str, str]
    tags: Mapping[str, str]
    gone: frozenset[str]
    heads: tuple[Head, ...] = ()
    symrefs: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    clean: ObjectSet | None = None
    veiled: frozenset[str] = frozenset()

    def write_to(self, notebook: PurgeNotebook) -> None:
        """Write down what does not fit into the journal."""
        notebook.keep_lines(COMMIT_MAP, (f"{old} {new}" for old, new in self.commits.items()))
        notebook.keep_lines(TAG_MAP, (f"{old} {new}" for old, new in self.tags.items()))
        notebook.keep_lines(GONE, sorted(self.gone))

    @classmethod
    def read_from(cls, notebook: PurgeNotebook, refs: tuple[RefChange, ...]) -> HistoryChange:
        """The change that `write_to` has written down."""
        return cls(
            refs=refs,
            commits=_pairs(notebook.lines(COMMIT_MAP)),
            tags=_pairs(notebook.lines(TAG_MAP)),
            gone=frozenset(notebook.lines(GONE)),
        )


def _pairs(lines: Iterable[str]) -> dict[str, str]:
    return {old: new for old, _, new in (line.partition(" ") for line in lines)}


def finish(
    repository: Repository,
    notebook: PurgeNotebook,
    journal: Journal,
    change: HistoryChange,
    matcher: ValueMatcher,
    clock: Clock,
    conclude: Conclude | None,
) -> PurgeOutcome:
    """Clean up, prove, conclude, and close the journal. The refs are swapped, the work trees brought along.

    Raises SecopsError; then the journal stays, and it can be done again.
    """
    if journal.step in {PurgeStep.SWAPPED, PurgeStep.WORKSPACE}:
        clock.begin("clean-up")
        notes, files = clean_up(
            repository, notebook, journal, matcher, {**change.commits, **change.tags}, change.renamed
        )
        journal = notebook.advance(journal, PurgeStep.CLEANED, told=(*journal.told, *notes), files=files)
    clock.begin("proof")
    with writing_graph(repository, journal):
        proof = prove(
            repository,
            matcher,
            clean=change.clean,
            gone=change.gone,
            jobs=clock.jobs,
            progress=clock.progress,
        )
    proof = replace(proof, checks=(*journal.checks, *proof.checks))
    journal = notebook.advance(journal, PurgeStep.PROVED)
    clock.stop()
    outcome = _outcome(journal, change, proof, clock)
    if conclude:
        conclude(outcome)
    notebook.close(journal)
    return outcome


def _outcome(journal: Journal, change: HistoryChange, proof: Proof, clock: Clock) -> PurgeOutcome:
    backup = Backup(path=journal.backup, files=0, refs=0) if journal.backup else None
    return PurgeOutcome(
        refs=change.refs,
        commits=change.commits,
        tags=change.tags,
        gone=change.gone,
        proof=proof,
        backup=backup.path if backup else "",
        destroy=backup.destroy if backup else "",
        notes=journal.told,
        phases=clock.phases,
        veiled=change.veiled,
    )


def incomplete(error: SecopsError, way: str = "--resume") -> IncompleteError:
    """The error for what has stopped a purge half-way, with the `way` to go on."""
    if isinstance(error, IncompleteError):
        return error
    return IncompleteError(
        str(error), advice=f"It is half done. When the reason is gone: secops purge-history {way}"
    )


def without_values(
    error: SecopsError | OSError, matcher: ValueMatcher, veiled: Iterable[str] = ()
) -> SecopsError:
    """An error that may be shown: what git or the system says may quote a name that holds a value.

    `veiled` are names that do, though the value may not be at hand.
    """
    if isinstance(error, OSError):
        words = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        error = SecopsError(f"the purge stopped: {words}", advice="Is the disk full, or read-only?")
    words, advice = str(error), error.advice
    if matcher.contains(os.fsencode(advice)):
        advice = ""
    if matcher.contains(os.fsencode(words)):
        words = "git failed, and what it says of it quotes a value, so it is not shown"
    veil = veiling(str, veiled)
    return type(error)(veil(words), advice=veil(advice))
