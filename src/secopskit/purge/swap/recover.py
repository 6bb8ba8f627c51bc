"""The recovery of a purge that was cut off: finished, or given up where the refs are still the old ones."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from secopskit.conduct.tell import SILENCE, Tell
from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.git.repository import Repository
from secopskit.purge.journal import PACKED, Head, Journal, NameMask, PurgeNotebook, PurgeStep
from secopskit.purge.model import PurgeOutcome, PurgeTarget
from secopskit.purge.rewrite.repack import move_packs
from secopskit.purge.swap import workspace
from secopskit.purge.swap.finish import (
    Clock,
    Conclude,
    HistoryChange,
    finish,
    incomplete,
    without_values,
)
from secopskit.purge.swap.names import named_heads, named_refs, veiled_names, work_tree_heads
from secopskit.purge.swap.ref_swap import finish_swap, ref_values, swap
from secopskit.purge.swap.undo import forget_harmless, give_up, untouched
from secopskit.purge.values.matcher import ValueMatcher


def unfinished(repository: Repository) -> Journal | None:
    """The purge that has stopped half-way, if there is one that changed something."""
    journal = PurgeNotebook.of(repository).read()
    return None if journal is None or journal.step.harmless else journal


def resume(
    repository: Repository,
    targets: Sequence[PurgeTarget],
    *,
    wait: float = 0.0,
    jobs: int = 0,
    tell: Tell = SILENCE,
    conclude: Conclude | None = None,
) -> PurgeOutcome | None:
    """Finish the purge that was cut off. None where it had not changed anything: it is forgotten.

    `targets` are the values of that purge. Without any, places are not searched for them: what is
    left in the configuration, say, is for a later proof. Raises SecopsError, UsageError for others.
    """
    notebook = PurgeNotebook.of(repository)
    if not os.path.isdir(notebook.path):
        return None
    with notebook.held(wait=wait) as hold, tell.progress() as progress:
        journal = notebook.read()
        if journal is None or journal.step.harmless:
            forget_harmless(repository, notebook)
            return None
        if journal.step is PurgeStep.ROLLING_BACK:
            raise RefusedError("a rollback has stopped half-way", advice="Call --rollback again.")
        _check_values(journal, targets)
        matcher = ValueMatcher(targets)
        clock = Clock(tell, progress, jobs)
        veiled = veiled_names(repository, journal, NameMask.of(repository))
        try:
            journal, change = _caught_up(repository, notebook, journal, matcher, clock, hold=hold)
            change = replace(change, veiled=veiled)
            return finish(repository, notebook, journal, change, matcher, clock, conclude)
        except (SecopsError, OSError) as error:
            told = without_values(error, matcher, veiled)
            # A refusal (somebody holds a lock) says itself what to do.
            raise told if isinstance(told, RefusedError) else incomplete(told) from None


def abort(repository: Repository, *, wait: float = 0.0) -> bool:
    """Give up the purge that was cut off; whether there was one. Raises RefusedError after the swap."""
    notebook = PurgeNotebook.of(repository)
    if not os.path.isdir(notebook.path):
        return False
    with notebook.held(wait=wait):
        journal = notebook.read()
        if journal is None:
            return False
        if not untouched(repository, journal, None):
            way = "--rollback" if journal.backup else "--resume"
            raise RefusedError(
                "the refs are already swapped", advice=f"Finish it with --resume, or use {way}."
            )
        workspace.clear_locks(repository)
        give_up(repository, notebook, journal)
        return True


def _check_values(journal: Journal, targets: Sequence[PurgeTarget]) -> None:
    if targets and {target.fingerprint for target in targets} != set(journal.fingerprints):
        raise UsageError(
            "these are not the values of the purge that was cut off",
            advice="Name the same values as then, or none to finish without looking for them.",
        )


def _caught_up(
    repository: Repository,
    notebook: PurgeNotebook,
    journal: Journal,
    matcher: ValueMatcher,
    clock: Clock,
    *,
    hold: int,
) -> tuple[Journal, HistoryChange]:
    """Bring refs and work trees to where they should be, wherever they stand."""
    clock.begin("swap")
    mask = NameMask.of(repository, matcher.contains)
    refs = named_refs(repository, journal, mask)
    heads = tuple(named_heads(repository, journal, mask))
    change = replace(
        HistoryChange.read_from(notebook, refs), heads=heads, symrefs=_symrefs(repository, journal, mask)
    )
    workspace.clear_locks(repository)
    if journal.step is PurgeStep.READY:
        if journal.repack:
            objects = os.path.join(repository.common_dir, "objects")
            move_packs(notebook.file(PACKED), journal.packs, objects)
        finish_swap(repository, change.refs, change.symrefs, hold=hold, show=mask.hide)
        journal = notebook.advance(journal, PurgeStep.SWAPPED)
    if journal.step is PurgeStep.SWAPPED:
        _bring_along(repository, heads, hold=hold)
        journal = notebook.advance(journal, PurgeStep.WORKSPACE)
    return journal, change


def _bring_along(repository: Repository, heads: Iterable[Head], *, hold: int) -> None:
    moving = workspace.moves(repository, heads)
    with workspace.locked(moving):
        for each in moving:
            workspace.recognise(repository, each)
        complaints = swap((), [workspace.steps(repository, each) for each in moving], hold=hold)
    workspace.require_moved(moving, complaints)


def _symrefs(repository: Repository, journal: Journal, mask: NameMask) -> Mapping[str, str]:
    names = [*ref_values(repository), *work_tree_heads(repository)]
    found = ((mask.find(name, names), target) for name, target in (journal.symrefs or {}).items())
    return {name: target for name, target in found if name is not None}
