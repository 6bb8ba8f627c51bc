"""`secops purge-history --verify`: the proof alone, on what the repository holds now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from secopskit.cli.purge.request import plan_request, sources_of
from secopskit.cli.purge.sources import gather
from secopskit.errors import ExitCode
from secopskit.purge.tell.outcome_story import proof_story
from secopskit.purge.verify import verify as prove
from secopskit.report.page import Title
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.scan.session import ScanSession


def verify(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Prove that the values are gone, and that nothing purged has come back. Raises SecopsError.

    With values at hand, everything is read for them. Without, the history is scanned, and what the
    scan finds is what is left.
    """
    repository = session.require_repository("verifying it")
    values = gather(session, replace(sources_of(options), may_be_gone=True), voice)
    facts = prove(repository, values, plan_request(options, jobs=session.jobs), tell=voice)
    voice.page("proof", facts, (Title(f"Proof for {visible(repository.root)}"), *proof_story(facts)))
    return ExitCode.OK if facts.holds else ExitCode.FINDINGS
