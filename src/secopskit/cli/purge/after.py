"""What a purge leaves for afterwards: the guard's list, pushes to be made, and letters to others.

All of it lies in `<git dir>/secops/purged/`, and none of it holds a value.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from secopskit.git.remotes import remotes
from secopskit.purge.push import guard, pending
from secopskit.purge.push.carry_out import name_digest
from secopskit.purge.push.plan import PushPlan, plan_pushes
from secopskit.purge.tell.ticket import TicketFacts, collaborators, requests_of, ticket
from secopskit.report.page import as_markdown, as_text
from secopskit.state.named_file import write_private

if TYPE_CHECKING:
    from secopskit.git.repository import Repository
    from secopskit.purge.model import RefChange
    from secopskit.purge.push.pending import Pending
    from secopskit.purge.tell.facts import Show
    from secopskit.scan.session import ScanSession

_LETTER: Final = 76
_LETTER_TO_ALL: Final = "collaborators.md"
_TICKET: Final = "ticket-"
_MAP_HEADER: Final = "old new\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """A purge that is done, as far as others are concerned.

    `commits` maps old ids to new ones; `gone` are the ids of objects that must not come back.
    `first` are the first changed commits, `large_files` the orphaned Git LFS objects.
    """

    name: str
    commits: Mapping[str, str]
    gone: frozenset[str]
    changes: Sequence[RefChange]
    first: tuple[str, ...]
    large_files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is to be pushed, and the files that were written, by their use."""

    plans: tuple[PushPlan, ...]
    files: Mapping[str, str]


def leave(session: ScanSession, purge: Purge, show: Show) -> Left:
    """Write all of it. Raises SecopsError."""
    repository = session.require_repository("purging its history")
    guard.record(repository, purge.name, purge.gone)
    ids = guard.export(repository)
    key = session.fingerprint_key()
    plans = plan_pushes(
        remotes(repository), purge.changes, show=show, digest=lambda ref: name_digest(key, ref)
    )
    waiting = pending.load(repository).joined(plans, purge.first, purge.large_files)
    pending.save(repository, waiting)
    commit_map = os.path.join(guard.directory(repository), f"{purge.name}.commit-map")
    lines = (f"{old} {new}\n" for old, new in purge.commits.items())
    write_private(commit_map, _MAP_HEADER + "".join(lines))
    plans = waiting.plans(remotes(repository))
    rows = [(show(change.ref), change.old, change.new) for change in purge.changes]
    letters = write_letters(repository, waiting, plans, rows)
    return Left(plans=plans, files={**letters, "purged ids": ids, "commit map": commit_map})


def write_letters(
    repository: Repository,
    waiting: Pending,
    plans: Iterable[PushPlan],
    rows: Sequence[tuple[str, str, str]],
) -> dict[str, str]:
    """Write the letters; the files by their use.

    `rows` are the changes of the refs here, for a repository that has no remote.
    """
    letters, name = dict[str, str](), "origin"
    for plan in plans:
        name = plan.remote.name
        letters[f"ticket for {plan.remote.host.name}"] = rewrite_ticket(repository, waiting, plan)
        rows = [(push.ref, push.old, push.new) for push in plan.pushes]
    path = os.path.join(guard.directory(repository), _LETTER_TO_ALL)
    write_private(path, as_markdown(collaborators(rows, name, ids_file=guard.EXPORT)))
    return {**letters, "for collaborators": path}


def rewrite_ticket(
    repository: Repository, waiting: Pending, plan: PushPlan, stale: Iterable[str] = ()
) -> str:
    """Write the letter to a remote's host; its path. `stale` are refs that it was found to have."""
    name = plan.remote.name.replace(os.sep, "_")
    path = os.path.join(guard.directory(repository), f"{_TICKET}{name}.txt")
    affair = TicketFacts(
        remote=plan.remote,
        first=waiting.first,
        requests=requests_of(plan, stale),
        large_files=waiting.large_files,
    )
    write_private(path, as_text(ticket(affair), width=_LETTER, airy=True))
    return path


def withdraw(repository: Repository) -> None:
    """A purge was undone: nothing is to be pushed, told or rejected any more. Raises SecopsError."""
    guard.refresh(repository)
    guard.export(repository)
    pending.forget(repository)
    place = guard.directory(repository)
    for name in os.listdir(place):
        if name == _LETTER_TO_ALL or name.startswith(_TICKET):
            os.unlink(os.path.join(place, name))
