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
from secopskit.purge.push.pending import Pending
from secopskit.purge.push.plan import Push, PushPlan
from secopskit.purge.push.remote_push import PushReport, PushStatus, push_to_remote, with_network
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


def has_to_ask(repository: Repository) -> bool:
    """Whether a push has anything to do: refs to replace, or remotes that may have what was purged."""
    return bool(_plans(repository, pending.load(repository), asks=bool(guard.purged(repository))))


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
    """Push to all remotes what is pending there, ask them what is left, and remember it. Raises SecopsError.

    `show` makes a name fit to be printed.
    """
    waiting = pending.load(repository)
    old = frozenset(oid.decode() for oid in guard.purged(repository))
    refs, stale = list[PushedRef](), list[str]()
    if plans := _plans(repository, waiting, asks=bool(old)):
        networked = with_network(repository, access.variables, prompt=access.prompt)
        key = fingerprint_key(repository.state_dir)
    for plan in plans:
        name = show(plan.remote.name)
        tell.phase(f"push to {name}" if plan.pushes else f"ask {name}")
        report = push_to_remote(networked, plan, key=key, old=old)
        refs += (pushed_ref(one, show) for one in report.results)
        veil = _veil(repository, plan.remote.name, (*report.stale, *report.elsewhere), show)
        stale += (f"{name}: {veil(ref)}" for ref in report.stale)
        stale += (f"{name}, at another URL of it: {veil(ref)}" for ref in report.elsewhere)
        waiting = _remembered(repository, waiting, plan, report)
    return PushedFacts(refs=tuple(refs), stale=tuple(stale))


def _plans(repository: Repository, waiting: Pending, *, asks: bool) -> list[PushPlan]:
    """The plans for remotes, those surely with pushes first; if it `asks`, also for those that have none."""
    every = remotes(repository)
    known = {plan.remote.name: plan for plan in waiting.plans(every)}
    plans = [known.get(one.name) or PushPlan(remote=one, pushes=(), readonly=()) for one in every]
    plans = [plan for plan in plans if plan.pushes or asks]
    return sorted(plans, key=lambda plan: not any(push.certain for push in plan.pushes))


def _remembered(repository: Repository, waiting: Pending, plan: PushPlan, report: PushReport) -> Pending:
    """What is left after a push; the letter to the host tells of it."""
    name = plan.remote.name
    if plan.pushes:
        waiting = waiting.without(
            name,
            (one.ref for one in report.results if one.well),
            pushed=(one.ref for one in report.results if one.status in _CHANGED),
        )
        pending.save(repository, waiting)
    if plan.pushes or plan.readonly or report.stale:
        plan = replace(plan, pushes=waiting.pushes.get(name, ()))
        rewrite_ticket(repository, waiting, plan, report.stale)
    return waiting


def _veil(repository: Repository, remote: str, refs: Iterable[str], show: Show) -> Show:
    """`show`, which hides those of a remote's `refs` of which the last purge knows that they hold a value."""
    journal = PurgeNotebook.of(repository).read(LAST)
    if journal is None:
        return show
    mask, hidden = NameMask.of(repository), [change.ref for change in journal.refs]
    known = {ref: (ref, f"refs/remotes/{remote}/{ref.removeprefix('refs/heads/')}") for ref in refs}
    return veiling(show, (ref for ref, names in known.items() if mask.hidden_among(names, hidden)))
