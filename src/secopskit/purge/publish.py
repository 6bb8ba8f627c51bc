"""The publication of a purge: the remotes get what it has changed here, the letters tell what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from secopskit.conduct.tell import Tell
from secopskit.git.remotes import remotes
from secopskit.git.repository import Repository
from secopskit.purge.handover import rewrite_ticket
from secopskit.purge.journal import NameMask, PurgeNotebook
from secopskit.purge.push import guard, pending
from secopskit.purge.push.plan import Push, PushPlan
from secopskit.purge.push.remote_push import PushStatus, push_to_remote, with_network
from secopskit.purge.request import PushAccess
from secopskit.purge.tell.outcome_facts import PushedFacts, PushedRef, pushed_ref
from secopskit.purge.tell.scope import Show
from secopskit.purge.veil import veiling
from secopskit.report.text import count, listed, visible
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.notebook import LAST

_FEW: Final = 6
_SHORT: Final = 12
_CHANGED: Final = (PushStatus.DONE, PushStatus.DELETED)


def is_waiting(repository: Repository) -> bool:
    """Whether there is anything to push that a purge has left. Raises SecopsError."""
    return any(plan.pushes for plan in pending.load(repository).plans(remotes(repository)))


def waiting_lines(repository: Repository) -> tuple[str, ...]:
    """What a push would do, a line a remote: which refs it replaces, and which it deletes."""
    return tuple(
        f"{visible(plan.remote.name)}: {_refs(plan)}"
        for plan in pending.load(repository).plans(remotes(repository))
        if plan.pushes
    )


def on_remotes(repository: Repository) -> tuple[str, ...]:
    """What the remotes have of the new history, a sentence each, as far as pushes of ours are on record."""
    return tuple(
        f"{visible(remote)} still has the new history: {listed(tuple(map(_stands, pushes)), _FEW)}. "
        f"Nothing there was changed back; `git ls-remote {visible(remote)}` shows what it has."
        for remote, pushes in pending.load(repository).done.items()
    )


def _stands(one: Push) -> str:
    return f"{visible(one.ref)} at {one.new[:_SHORT]}" if one.new else f"{visible(one.ref)} deleted"


def _refs(plan: PushPlan) -> str:
    replaced = tuple(visible(push.ref) for push in plan.pushes if push.new)
    deleted = tuple(visible(push.ref) for push in plan.pushes if not push.new)
    parts = (
        f"{word} {count(len(names), 'ref')} ({listed(names, _FEW)})"
        for word, names in (("replaces", replaced), ("deletes", deleted))
        if names
    )
    return "; ".join(parts)


def push_pending(repository: Repository, access: PushAccess, tell: Tell, show: Show = visible) -> PushedFacts:
    """Push to all remotes what is pending there, and remember what is left. Raises SecopsError.

    `show` makes a name fit to be printed.
    """
    waiting = pending.load(repository)
    plans = waiting.plans(remotes(repository))
    networked = with_network(repository, access.variables, prompt=access.prompt)
    key = fingerprint_key(repository.state_dir)
    old = {oid.decode() for oid in guard.purged(repository)}
    refs, stale = list[PushedRef](), list[str]()
    for plan in plans:
        if not plan.pushes:
            continue
        name = show(plan.remote.name)
        tell.phase(f"push to {name}")
        report = push_to_remote(networked, plan, key=key, old=old)
        refs += (pushed_ref(one, show) for one in report.results)
        veil = _veil(repository, plan.remote.name, report.stale, show)
        stale += (f"{name}: {veil(ref)}" for ref in report.stale)
        waiting = waiting.without(
            plan.remote.name,
            (one.ref for one in report.results if one.well),
            pushed=(one.ref for one in report.results if one.status in _CHANGED),
        )
        pending.save(repository, waiting)
        plan = replace(plan, pushes=waiting.pushes.get(plan.remote.name, ()))  # noqa: PLW2901 - what is left
        rewrite_ticket(repository, waiting, plan, report.stale)
    return PushedFacts(refs=tuple(refs), stale=tuple(stale))


def _veil(repository: Repository, remote: str, refs: Iterable[str], show: Show) -> Show:
    """`show`, which hides those of a remote's `refs` of which the last purge knows that they hold a value."""
    journal = PurgeNotebook.of(repository).read(LAST)
    if journal is None:
        return show
    mask, hidden = NameMask.of(repository), [change.ref for change in journal.refs]
    known = {ref: (ref, f"refs/remotes/{remote}/{ref.removeprefix('refs/heads/')}") for ref in refs}
    return veiling(show, (ref for ref, names in known.items() if mask.hidden_among(names, hidden)))
