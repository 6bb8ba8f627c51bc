"""The publication of a purge: the remotes get what it has changed here, the letters tell what is left."""

from __future__ import annotations

from secopskit.conduct.tell import Tell
from secopskit.git.remotes import remotes
from secopskit.git.repository import Repository
from secopskit.purge.handover import rewrite_ticket
from secopskit.purge.push import guard, pending
from secopskit.purge.push.remote_push import push_to_remote, with_network
from secopskit.purge.request import PushAccess
from secopskit.purge.tell.outcome_facts import PushedFacts, PushedRef, pushed_ref
from secopskit.report.text import visible
from secopskit.state.fingerprint_key import fingerprint_key


def is_waiting(repository: Repository) -> bool:
    """Whether there is anything to push that a purge has left. Raises SecopsError."""
    return any(plan.pushes for plan in pending.load(repository).plans(remotes(repository)))


def push_pending(repository: Repository, access: PushAccess, tell: Tell) -> PushedFacts:
    """Push to all remotes what is pending there, and remember what is left. Raises SecopsError."""
    waiting = pending.load(repository)
    plans = waiting.plans(remotes(repository))
    networked = with_network(repository, access.variables, prompt=access.prompt)
    key = fingerprint_key(repository.state_dir)
    old = {oid.decode() for oid in guard.purged(repository)}
    refs, stale = list[PushedRef](), list[str]()
    for plan in plans:
        if not plan.pushes:
            continue
        name = visible(plan.remote.name)
        tell.phase(f"push to {name}")
        report = push_to_remote(networked, plan, key=key, old=old)
        refs += (pushed_ref(one) for one in report.results)
        stale += (f"{name}: {visible(ref)}" for ref in report.stale)
        waiting = waiting.without(plan.remote.name, (one.ref for one in report.results if one.well))
        pending.save(repository, waiting)
        rewrite_ticket(repository, waiting, plan, report.stale)
    return PushedFacts(refs=tuple(refs), stale=tuple(stale))
