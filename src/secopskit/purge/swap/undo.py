"""The end of a purge that was cut off and has changed nothing yet: it is given up without a trace."""

from __future__ import annotations

import os
from contextlib import suppress

from secopskit.errors import RefusedError
from secopskit.git.repository import Repository
from secopskit.purge.journal import Journal, NameMask, PurgeNotebook, PurgeStep
from secopskit.purge.swap.backup import discard_backup
from secopskit.purge.swap.cleanup import DOOMED
from secopskit.purge.swap.names import named_refs
from secopskit.purge.swap.ref_swap import RefsState, state_of
from secopskit.purge.swap.staged import restage
from secopskit.purge.values.matcher import ValueMatcher


def forget_harmless(repository: Repository, notebook: PurgeNotebook) -> None:
    """Clear away a purge that was cut off before it changed anything. Raises RefusedError for another."""
    journal = notebook.read()
    if journal is not None and not journal.step.harmless:
        raise RefusedError(
            "a purge of this repository has stopped half-way",
            advice="Finish it with --resume, or give it up with --abort.",
        )
    if journal is not None:
        restage(repository, journal.unstaged)
    _drop_backup(journal)
    notebook.close()


def give_up(repository: Repository, notebook: PurgeNotebook, journal: Journal) -> None:
    """Leave the repository as it was, without a backup: the refs are still the old ones."""
    restage(repository, journal.unstaged)
    objects = os.path.join(repository.common_dir, "objects", "pack")
    before = {os.path.basename(name).split(".")[0] for name in notebook.lines(DOOMED)}
    for pack in set(journal.packs) - before:
        for suffix in (".idx", ".pack", ".rev"):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(objects, pack + suffix))
    _drop_backup(journal)
    notebook.close()  # last of all: should we die before, it still names what is to go


def untouched(repository: Repository, journal: Journal, matcher: ValueMatcher | None) -> bool:
    """Whether the refs are all as they were before the purge. The lock is held."""
    if journal.step.harmless:
        return True
    if journal.step is not PurgeStep.READY:
        return False
    mask = NameMask.of(repository, matcher.contains if matcher else None)
    refs = named_refs(repository, journal, mask)
    return not journal.refs or (
        len(refs) == len(journal.refs) and state_of(repository, refs)[0] is RefsState.OLD
    )


def _drop_backup(journal: Journal | None) -> None:
    """Remove the backup of a purge that changed nothing: it is but one more copy of the values."""
    if journal is not None and journal.backup:
        discard_backup(journal.backup)
