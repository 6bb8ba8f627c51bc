"""`secops purge-history --push`: replaces on the remotes what a purge has replaced here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from secopskit.cli.purge.after import rewrite_ticket
from secopskit.errors import ExitCode
from secopskit.git.remotes import remotes
from secopskit.purge.push import guard, pending
from secopskit.purge.push.carry_out import carry_out, with_network
from secopskit.purge.tell.outcome_facts import PushedFacts, PushedRef, pushed_ref
from secopskit.purge.tell.outcome_story import pushed_story
from secopskit.report.page import Para
from secopskit.report.text import visible
from secopskit.settings.environment import inherited

if TYPE_CHECKING:
    from secopskit.cli.voice import Voice
    from secopskit.scan.session import ScanSession


def push(session: ScanSession, voice: Voice, *, prompt: bool) -> ExitCode:
    """Push what is pending, and tell what came of it. Raises SecopsError."""
    repository = session.require_repository("pushing")
    if not any(plan.pushes for plan in pending.load(repository).plans(remotes(repository))):
        nothing = Para(
            "Nothing is waiting to be pushed: a purge (--apply) leaves it, and --push is done once."
        )
        voice.page("push", PushedFacts(refs=(), stale=()), (nothing,))
        return ExitCode.OK
    facts = push_pending(session, voice, prompt=prompt)
    voice.page("push", facts, pushed_story(facts))
    return ExitCode.OK if facts.well else ExitCode.FINDINGS


def push_pending(session: ScanSession, voice: Voice, *, prompt: bool) -> PushedFacts:
    """Push to all remotes what is pending there, and remember what is left. Raises SecopsError."""
    repository = session.require_repository("pushing")
    waiting = pending.load(repository)
    plans = waiting.plans(remotes(repository))
    networked = with_network(repository, inherited(), prompt=prompt and sys.stderr.isatty())
    old = {oid.decode() for oid in guard.purged(repository)}
    refs, stale = list[PushedRef](), list[str]()
    for plan in plans:
        if not plan.pushes:
            continue
        voice.phase(f"push to {visible(plan.remote.name)}")
        report = carry_out(networked, plan, key=session.fingerprint_key(), old=old)
        refs += (pushed_ref(one) for one in report.results)
        stale += (f"{visible(plan.remote.name)}: {visible(ref)}" for ref in report.stale)
        waiting = waiting.without(plan.remote.name, (one.ref for one in report.results if one.well))
        pending.save(repository, waiting)
        rewrite_ticket(repository, waiting, plan, report.stale)
    return PushedFacts(refs=tuple(refs), stale=tuple(stale))
