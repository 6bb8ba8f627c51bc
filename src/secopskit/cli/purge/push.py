"""`secops purge-history --push`: replaces on the remotes what a purge has replaced here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from secopskit.cli.purge.request import push_access, respondent_of
from secopskit.errors import ExitCode
from secopskit.purge.publish import has_to_ask, is_waiting, push_pending, waiting_lines
from secopskit.purge.safeguards import require_consent
from secopskit.purge.tell.outcome_facts import PushedFacts
from secopskit.purge.tell.outcome_story import pushed_story
from secopskit.report.page import Para

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.scan.session import ScanSession

_ASKED: Final = "No ref of the remotes is at an old commit."


def push(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Push what is pending, and tell what came of it. Raises SecopsError."""
    repository = session.require_repository("pushing")
    waiting, nothing = is_waiting(repository), "Nothing is waiting to be pushed: a purge (--apply) leaves it."
    if not (waiting or has_to_ask(repository)):
        voice.page("push", PushedFacts(refs=(), stale=()), (Para(nothing),))
        return ExitCode.OK
    for line in waiting_lines(repository):
        voice.tell(line)
    if waiting:
        what = "This replaces the history on the remotes, each ref under its lease."
        require_consent(repository, what, respondent_of(options), given=options["yes"])
    facts = push_pending(repository, push_access(options), voice)
    title, *story = pushed_story(facts)
    if not waiting:
        story.insert(0, Para(nothing if facts.stale or facts.refs else f"{nothing} {_ASKED}"))
    voice.page("push", facts, (title, *story))
    return ExitCode.OK if facts.well else ExitCode.FINDINGS
