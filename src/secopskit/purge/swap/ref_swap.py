"""The swap of old refs for new ones: one transaction, in a child that nobody can stop half-way.

git takes all locks before it changes the first ref, and verifies every old value under them. Should
the machine itself die while the refs are renamed into place, `resume` finds from the journal which
of them are old and which are new, and finishes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

from secopskit.errors import IncompleteError, RefusedError
from secopskit.git.repository import Repository
from secopskit.git.surroundings import command_line
from secopskit.git.uninterrupted import Step, command, run_to_end
from secopskit.git.worktrees import main_view
from secopskit.purge.model import RefChange

# What had no reflog gets none: it would tell the old ids.
_QUIET: Final = ("-c", "core.logAllRefUpdates=false")


class RefsState(Enum):
    """The state of a purge's refs."""

    OLD = "old"
    NEW = "new"
    MIXED = "mixed"


def ref_values(repository: Repository, more: Iterable[str] = ()) -> dict[str, str]:
    """The object id of every ref, and of those in `more` (`HEAD`, `worktrees/x/HEAD`) that there are."""
    seen = main_view(repository)
    lines = seen.run("for-each-ref", "--format=%(objectname) %(refname)").decode("utf-8", "surrogateescape")
    values = {name: oid for oid, _, name in (line.partition(" ") for line in lines.split("\n")) if name}
    for name in more:
        if name not in values and seen.succeeds("rev-parse", "--verify", "--quiet", "--end-of-options", name):
            values[name] = seen.run("rev-parse", "--verify", "--end-of-options", name).decode().strip()
    return values


def symbolic_refs(repository: Repository) -> dict[str, str]:
    """The refs that each symbolic ref leads to; HEADs apart."""
    words = ("for-each-ref", "--format=%(refname) %(symref)")
    lines = main_view(repository).run(*words).decode("utf-8", "surrogateescape").split("\n")
    return {name: target for name, _, target in (line.partition(" ") for line in lines) if target}


def final_values(repository: Repository, changes: Sequence[RefChange]) -> dict[str, str]:
    """The object id of every ref as it will be after `changes`. Symbolic refs follow what they name."""
    values = ref_values(repository)
    for name in symbolic_refs(repository):
        values.pop(name, None)
    for change in changes:
        values[change.ref] = change.new
    return {name: oid for name, oid in values.items() if oid}


def state_of(repository: Repository, changes: Sequence[RefChange]) -> tuple[RefsState, tuple[str, ...]]:
    """Where the refs stand, and which of them are at neither their old nor their new value.

    They count as old where none is new: one that somebody has moved on meanwhile is not our doing.
    """
    values = ref_values(repository, (change.ref for change in changes if not change.ref.startswith("refs/")))
    now = [(change, values.get(change.ref, "")) for change in changes]
    strange = tuple(change.ref for change, value in now if value not in {change.old, change.new})
    if all(value == change.new for change, value in now):
        return RefsState.NEW, strange
    if not any(value == change.new for change, value in now):
        return RefsState.OLD, strange
    return RefsState.MIXED, strange


def swap_steps(
    repository: Repository, changes: Sequence[RefChange], symrefs: Mapping[str, str]
) -> list[Step]:
    """The steps that change all refs at once and then point symbolic refs to renamed ones."""
    seen = main_view(repository)
    steps = []
    if changes:
        words = command_line(*_QUIET, "update-ref", "--no-deref", "--stdin", "-z")
        steps.append(command(words, seen.environ, cwd=seen.root, stdin=_transaction(changes)))
    for name, target in symrefs.items():
        words = command_line(*_QUIET, "symbolic-ref", name, target)
        steps.append(command(words, seen.environ, cwd=seen.root))
    return steps


def _transaction(changes: Sequence[RefChange]) -> str:
    """Input for `git update-ref --stdin -z`; without the last word, git gives everything up."""
    zero = "0" * max((len(change.old or change.new) for change in changes), default=40)
    # Deletions first, as text only: git sorts out itself that `a` must go before `a/b` can come.
    updates = (
        f"update {change.ref}\0{change.new or zero}\0{change.old or zero}\0"
        for change in sorted(changes, key=lambda change: bool(change.new))
    )
    return "start\0" + "".join(updates) + "prepare\0commit\0"


def swap(steps: Sequence[Step], others: Sequence[Sequence[Step]], *, hold: int) -> list[str]:
    """Change the refs by `steps`, then do the `others`; what each of these complained of.

    `hold` is the descriptor of the lock. Raises RefusedError if a ref could not be changed: then
    none was, and nothing else.
    """
    complaints = run_to_end([steps, *others], hold=hold)
    if complaints[0]:
        words = complaints[0].split("\n")[0].removeprefix("fatal: ")
        raise RefusedError(
            f"the refs could not be swapped; has somebody moved or locked one of them? ({words})",
            advice="Nothing was changed. Wait until nobody works in the repository, then try again.",
        )
    return complaints[1:]


def finish_swap(
    repository: Repository,
    changes: Sequence[RefChange],
    symrefs: Mapping[str, str],
    *,
    hold: int,
    show: Callable[[str], str],
) -> None:
    """Bring refs that still stand at their old value to the new one. Raises IncompleteError.

    `show` makes a ref's name fit to be shown.
    """
    state, strange = state_of(repository, changes)
    if strange:
        raise IncompleteError(
            f"{', '.join(map(show, strange[:5]))}: moved since the purge began",
            advice="Set it back to where it was (`git reflog`), then --resume; or undo with --rollback.",
        )
    if state is not RefsState.NEW:
        values = ref_values(repository, (c.ref for c in changes if not c.ref.startswith("refs/")))
        changes = [change for change in changes if values.get(change.ref, "") != change.new]
    steps = swap_steps(repository, changes if state is not RefsState.NEW else (), symrefs)
    if steps:
        swap(steps, (), hold=hold)
