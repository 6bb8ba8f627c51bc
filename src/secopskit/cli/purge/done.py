"""The end of a purge, fresh or resumed: what was done is told, kept for others, and pushed if asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from secopskit.cli.purge.after import Left, Purge, leave
from secopskit.cli.purge.push import push_pending
from secopskit.errors import ExitCode, SecopsError
from secopskit.purge.push import guard
from secopskit.purge.tell.outcome_facts import OutcomeFacts, change_facts, proof_facts, push_facts
from secopskit.purge.tell.outcome_story import outcome_story
from secopskit.purge.tell.plan_story import plan_story
from secopskit.purge.tell.ticket import first_changed
from secopskit.report.page import as_markdown
from secopskit.report.text import visible
from secopskit.state.named_file import write_private

if TYPE_CHECKING:
    from secopskit.cli.voice import Voice
    from secopskit.purge.model import PurgeOutcome
    from secopskit.purge.tell.facts import PlanFacts, Show
    from secopskit.scan.session import ScanSession


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a purge beside its outcome. A resumed one knows of none of it.

    `commits` is the number of all commits there were; `removed` are blobs that were dropped.
    `searched` tells whether the values were at hand for the proof.
    """

    commits: int | None = None
    signatures: int = 0
    first: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    large_files: tuple[str, ...] = ()
    plan: PlanFacts | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    searched: bool = True


class Ending:
    """What is done with the outcome: `keep` while it can be resumed, then `tell`."""

    def __init__(self, session: ScanSession, about: About, show: Show) -> None:
        self._session = session
        self._repository = session.require_repository("purging its history")
        self._about = about
        self._show = show
        self._name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        self._left: Left | None = None

    def keep(self, outcome: PurgeOutcome) -> None:
        """Write what others need. Raises SecopsError; can be done again."""
        about = self._about
        purge = Purge(
            name=self._name,
            commits=outcome.commits,
            gone=outcome.gone | about.removed,
            changes=outcome.refs,
            first=about.first or first_changed(self._repository, outcome.commits),
            large_files=about.large_files,
        )
        self._left = leave(self._session, purge, self._show)

    def tell(self, voice: Voice, outcome: PurgeOutcome, options: Mapping[str, Any]) -> ExitCode:
        """Push if that is asked for, and tell what the purge came to. Raises SecopsError."""
        path = os.path.join(guard.directory(self._repository), f"{self._name}.report.md")
        facts, trouble = self._facts(outcome, path), None
        if options["push"] and facts.pushes:
            try:
                facts = replace(facts, pushed=push_pending(self._session, voice, prompt=not options["yes"]))
            except SecopsError as error:  # what was done is told all the same
                trouble = error
        before = plan_story(facts.plan, everything=True) if facts.plan else ()
        whole = (*outcome_story(facts, everything=True), *before)
        write_private(path, as_markdown(whole))
        voice.page("outcome", facts, outcome_story(facts), whole=whole)
        if trouble:
            raise trouble
        return _code(facts)

    def _facts(self, outcome: PurgeOutcome, report: str) -> OutcomeFacts:
        about, show = self._about, self._show
        left = self._left or Left(plans=(), files={})
        return OutcomeFacts(
            repository=visible(self._repository.root),
            commits=len(outcome.commits),
            kept=None if about.commits is None else about.commits - len(outcome.commits),
            signatures=about.signatures,
            changes=change_facts(outcome.refs, show),
            proof=proof_facts(outcome.proof, show),
            backup=visible(outcome.backup),
            destroy=outcome.destroy,
            seconds={**about.seconds, **outcome.phases},
            notes=tuple(show(note) for note in outcome.told),
            pushes=push_facts(left.plans),
            files={"report": visible(report), **{use: visible(file) for use, file in left.files.items()}},
            plan=about.plan,
            searched=about.searched,
        )


def _code(facts: OutcomeFacts) -> ExitCode:
    left_out = facts.plan is not None and bool(facts.plan.left_out)
    unpushed = facts.pushed is not None and not facts.pushed.well
    well = facts.proof.holds and facts.searched
    return ExitCode.OK if well and not (left_out or unpushed) else ExitCode.FINDINGS
