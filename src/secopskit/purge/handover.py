"""The handover of a purge: the guard's list, the commit map, pushes to be made, letters to others.

All of it lies in `<git dir>/secops/purged/`, and none of it holds a value.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from secopskit.git.remotes import remotes
from secopskit.git.repository import Repository
from secopskit.purge.model import RefChange
from secopskit.purge.push import guard, pending
from secopskit.purge.push.pending import Pending
from secopskit.purge.push.plan import PushPlan, plan_pushes
from secopskit.purge.push.remote_push import name_digest
from secopskit.purge.tell.scope import Show
from secopskit.purge.tell.ticket import TicketFacts, collaborators, requests_of, ticket
from secopskit.report.page import as_markdown, as_text
from secopskit.state.fingerprint_key import fingerprint_key

_TICKET_WIDTH: Final = 76
_LETTER_TO_ALL: Final = "collaborators.md"
_TICKET: Final = "ticket-"
_REPORT: Final = ".report.md"
_MAP_HEADER: Final = "old new\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedPurge:
    """A purge that is done, as far as others are concerned. `name` begins the names of its files.

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
class Handover:
    """The pushes that are to be made, and the files that were written, by their use."""

    pushes: tuple[PushPlan, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def hand_over(repository: Repository, purge: FinishedPurge, show: Show) -> Handover:
    """Write all of it; can be done again. Raises SecopsError."""
    guard.record(repository, purge.name, purge.gone)
    ids = guard.export(repository)
    key = fingerprint_key(repository.state_dir)
    pushes = plan_pushes(
        remotes(repository), purge.changes, show=show, digest=lambda ref: name_digest(key, ref)
    )
    waiting = pending.load(repository).joined(pushes, purge.first, purge.large_files)
    pending.save(repository, waiting)
    lines = (f"{old} {new}\n" for old, new in purge.commits.items())
    commit_map = _write(repository, f"{purge.name}.commit-map", _MAP_HEADER + "".join(lines))
    pushes = waiting.plans(remotes(repository))
    rows = [(show(change.ref), change.old, change.new) for change in purge.changes]
    letters = _write_letters(repository, waiting, pushes, rows)
    return Handover(pushes=pushes, files={**letters, "purged ids": ids, "commit map": commit_map})


def report_path(repository: Repository, name: str) -> str:
    """Where the report of the purge `name` lies."""
    return os.path.join(guard.directory(repository), f"{name}{_REPORT}")


def write_report(repository: Repository, name: str, text: str) -> None:
    """Write the report of the purge `name`. Raises SecopsError."""
    _write(repository, f"{name}{_REPORT}", text)


def rewrite_ticket(
    repository: Repository, waiting: Pending, plan: PushPlan, stale: Iterable[str] = ()
) -> str:
    """Write the letter to a remote's host; its path. `stale` are refs that it was found to have."""
    about = TicketFacts(
        remote=plan.remote,
        first=waiting.first,
        requests=requests_of(plan, stale),
        large_files=waiting.large_files,
        unpushed=len(waiting.pushes.get(plan.remote.name, ())),
    )
    text = as_text(ticket(about), width=_TICKET_WIDTH, airy=True)
    return _write(repository, f"{_TICKET}{plan.remote.name.replace(os.sep, '_')}.txt", text)


def withdraw(repository: Repository) -> None:
    """A purge was undone: nothing is to be pushed, told or rejected any more. Raises SecopsError."""
    guard.refresh(repository)
    guard.export(repository)
    pending.forget(repository)
    place = guard.directory(repository)
    for name in os.listdir(place):
        if name == _LETTER_TO_ALL or name.startswith(_TICKET):
            os.unlink(os.path.join(place, name))


def _write_letters(
    repository: Repository,
    waiting: Pending,
    plans: Iterable[PushPlan],
    rows: Sequence[tuple[str, str, str]],
) -> dict[str, str]:
    """Write the letters; the files by their use.

    `rows` are the changes of the refs here (ref, old and new id), for a repository that has no remote. Those
    of several remotes are told as one list: collaborators may have cloned any of them.
    """
    letters, plans = dict[str, str](), tuple(plans)
    hosts = Counter(plan.remote.host.name for plan in plans)
    for plan in plans:
        host, name = plan.remote.host.name, plan.remote.name
        use = f"ticket for {host}" if hosts[host] == 1 else f"ticket for {host}, {name}"
        letters[use] = rewrite_ticket(repository, waiting, plan)
    pushes = [(push.ref, push.old, push.new) for plan in plans for push in plan.pushes]
    told = tuple(dict.fromkeys(pushes)) or rows
    remote = plans[0].remote.name if plans else "origin"
    text = as_markdown(collaborators(told, remote, ids_file=guard.EXPORT))
    return {**letters, "for collaborators": _write(repository, _LETTER_TO_ALL, text)}


def _write(repository: Repository, name: str, text: str) -> str:
    return guard.keep(guard.directory(repository), name, text.encode("utf-8", "backslashreplace"))
