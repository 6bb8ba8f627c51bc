"""`secops purge-history --push`: replaces on the remotes what a purge has replaced here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secopskit.cli.purge.request import push_access, respondent_of
from secopskit.errors import ExitCode
from secopskit.purge.publish import is_waiting, push_pending, waiting_lines
from secopskit.purge.safeguards import require_consent
from secopskit.purge.tell.outcome_facts import PushedFacts
from secopskit.purge.tell.outcome_story import pushed_story
from secopskit.report.page import Para

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.scan.session import ScanSession


def push(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Push what is pending, and tell what came of it. Raises SecopsError."""
    repository = session.require_repository("pushing")
    if not is_waiting(repository):
        nothing = "Nothing is waiting to be pushed: a purge (--apply) leaves it, and --push is done once."
        voice.page("push", PushedFacts(refs=(), stale=()), (Para(nothing),))
        return ExitCode.OK
    for line in waiting_lines(repository):
        voice.tell(line)
    what = "This replaces the history on the remotes, each ref under its lease."
    require_consent(repository, what, respondent_of(options), given=options["yes"])
    facts = push_pending(repository, push_access(options), voice)
    voice.page("push", facts, pushed_story(facts))
    return ExitCode.OK if facts.well else ExitCode.FINDINGS
