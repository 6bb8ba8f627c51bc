"""The application of a plan: all is made and checked beside the repository, then swapped at once.

journal, backup -> stage: rewrite, new pack, check -> swap of all refs and work trees -> clean-up ->
proof. Until the swap the repository is only read, and whatever goes wrong leaves it as it was.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

from secopskit.conduct.tell import SILENCE, Tell
from secopskit.errors import RefusedError, SecopsError
from secopskit.git.repository import Repository
from secopskit.purge.journal import PACKED, STAGE, Journal, PurgeNotebook, PurgeStep
from secopskit.purge.model import PurgeOutcome
from secopskit.purge.plan import PurgePlan
from secopskit.purge.rewrite.repack import move_packs
from secopskit.purge.swap import workspace
from secopskit.purge.swap.backup import choose_place, make_backup
from secopskit.purge.swap.finish import (
    Clock,
    Conclude,
    HistoryChange,
    finish,
    incomplete,
    without_values,
)
from secopskit.purge.swap.prepare import prepare
from secopskit.purge.swap.ref_swap import swap, swap_steps
from secopskit.purge.swap.staged import unstage
from secopskit.purge.swap.undo import forget_harmless, give_up, untouched
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.state.purges import BACKUPS


def apply_plan(  # noqa: PLR0913 - what a request has
    repository: Repository,
    plan: PurgePlan,
    *,
    backup: bool = True,
    backup_dir: str | None = None,
    wait: float = 0.0,
    jobs: int = 0,
    tell: Tell = SILENCE,
    conclude: Conclude | None = None,
) -> PurgeOutcome:
    """Do what the plan says. `conclude` is given the outcome before the journal is closed: what it does
    is done for certain.

    Waits up to `wait` seconds for another purge. `jobs` is a number of processes, 0 for one a core. Raises
    SecopsError: IncompleteError where the refs are swapped and the rest is to be resumed, any other where
    nothing was changed.
    """
    if plan.archive_paths and plan.archives is None:
        raise RefusedError(
            "nobody has said what becomes of archives that hold a value", advice="Say it with --archives."
        )
    matcher = ValueMatcher(plan.targets)
    notebook = PurgeNotebook.of(repository)
    notebook.open()
    with notebook.held(wait=wait) as hold, tell.progress() as progress:
        clock = Clock(tell, progress, jobs)
        forget_harmless(repository, notebook)
        journal = notebook.write(_begun(plan))
        try:
            if backup:
                journal = _backed_up(repository, notebook, journal, backup_dir, clock)
            if plan.unstage:
                journal = notebook.write(replace(journal, unstaged=plan.unstage))
                unstage(repository, plan.unstage)
            journal, change = prepare(repository, plan, matcher, notebook, journal, clock)
            journal = _swapped(repository, notebook, journal, change, clock, hold=hold)
            return finish(repository, notebook, journal, change, matcher, clock, conclude)
        except BaseException as error:
            undone = _undone(repository, notebook, matcher)
            if isinstance(error, SecopsError | OSError):
                told = without_values(error, matcher)
                raise told if undone else incomplete(told) from None
            raise


def _begun(plan: PurgePlan) -> Journal:
    return Journal(
        id=os.urandom(8).hex(),
        step=PurgeStep.PLANNED,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprints=tuple(target.fingerprint for target in plan.targets),
    )


def _backed_up(
    repository: Repository,
    notebook: PurgeNotebook,
    journal: Journal,
    directory: str | None,
    clock: Clock,
) -> Journal:
    clock.begin("backup")
    place = choose_place(repository, directory)
    # Written down first: should we die now, whoever clears up knows of the copy.
    journal = notebook.write(replace(journal, backup=place))
    BACKUPS.add(repository.state_dir, [place], datetime.now(UTC))
    made = make_backup(repository, place)
    clock.tell.note(f"backup: {made.path}; it holds the secrets, and this destroys it: {made.destroy}")
    return notebook.advance(journal, PurgeStep.BACKED_UP)


def _swapped(
    repository: Repository,
    notebook: PurgeNotebook,
    journal: Journal,
    change: HistoryChange,
    clock: Clock,
    *,
    hold: int,
) -> Journal:
    """Swap all refs, and bring the work trees along. Raises SecopsError."""
    clock.begin("swap")
    objects = os.path.join(repository.common_dir, "objects")
    moving = workspace.moves(repository, change.heads)
    with workspace.locked(moving):
        workspace.check(repository, moving, os.path.join(notebook.file(STAGE), "objects"))
        if journal.repack:
            move_packs(notebook.file(PACKED), journal.packs, objects)
        refs = swap_steps(repository, change.refs, change.symrefs)
        complaints = swap(refs, [workspace.steps(repository, each) for each in moving], hold=hold)
        journal = notebook.advance(journal, PurgeStep.SWAPPED)
    workspace.require_moved(moving, complaints)
    return notebook.advance(journal, PurgeStep.WORKSPACE)


def _undone(repository: Repository, notebook: PurgeNotebook, matcher: ValueMatcher) -> bool:
    """After a failure: leave everything as it was, unless the refs are the new ones; whether that is done."""
    journal = notebook.read()
    if journal is None:
        return True
    if not untouched(repository, journal, matcher):
        return False
    give_up(repository, notebook, journal)
    return True
