"""The conclusion of a purge, fresh or resumed: it is handed over to others, pushed if asked, and reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from secopskit.conduct.tell import Tell
from secopskit.errors import ExitCode, SecopsError
from secopskit.git.repository import Repository
from secopskit.purge.handover import FinishedPurge, Handover, hand_over, report_path, write_report
from secopskit.purge.model import PurgeOutcome, PurgeTarget
from secopskit.purge.publish import has_to_ask, push_pending
from secopskit.purge.request import PushAccess
from secopskit.purge.tell.facts import PlanFacts
from secopskit.purge.tell.gather_facts import shown
from secopskit.purge.tell.outcome_facts import OutcomeFacts, change_facts, proof_facts, push_facts
from secopskit.purge.tell.outcome_story import whole_story
from secopskit.purge.tell.ticket import first_changed
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.purge.veil import veiling
from secopskit.report.page import as_markdown
from secopskit.state.purges import PROOFS, PURGES


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeBackground:
    """The background of an outcome: what the plan told. A resumed purge knows none of it.

    `commits` is the number of all commits there were, those of notes apart (`notes` are those that were to
    change), `signatures` that of signatures lost; `first` are the first changed commits, `removed` the blobs
    that were dropped, `large_files` orphaned Git LFS objects. `seconds` are those that the plan took, by
    phase. `searched` tells whether the values were at hand for the proof.
    """

    commits: int | None = None
    notes: frozenset[str] = frozenset()
    signatures: int = 0
    first: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    large_files: tuple[str, ...] = ()
    plan: PlanFacts | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    searched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeResult:
    """The result of a purge that was carried out: what it came to, and the facts for a report.

    `push_error` is why the push failed that was asked for; all else is done.
    """

    outcome: PurgeOutcome
    facts: OutcomeFacts
    push_error: SecopsError | None = None

    @property
    def code(self) -> ExitCode:
        """See `conduct.outcome.ChangeOutcome`: OK where nothing is left to do."""
        if self.push_error:
            return self.push_error.exit_code
        facts = self.facts
        left_out = facts.plan is not None and bool(facts.plan.left_out or facts.plan.unreadable)
        left_out |= facts.proof.scope is not None and bool(facts.proof.scope.limits)
        unpushed = facts.pushed is not None and not facts.pushed.well
        well = facts.proof.holds and facts.searched
        return ExitCode.OK if well and not (left_out or unpushed) else ExitCode.FINDINGS


class Conclusion:
    """The conclusion of one purge: `keep` while it can still be resumed, then `conclude`."""

    def __init__(
        self,
        repository: Repository,
        background: PurgeBackground,
        targets: Iterable[PurgeTarget],
        fingerprints: Iterable[str] = (),
    ) -> None:
        """`fingerprints` are those of the values that were purged, where there are no `targets` at hand."""
        targets = tuple(targets)
        self._repository = repository
        self._background = background
        self._show = shown(ValueMatcher(targets))
        self._fingerprints = tuple(target.fingerprint for target in targets) or tuple(fingerprints)
        self._name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        self._handover = Handover()

    def keep(self, outcome: PurgeOutcome) -> None:
        """Write what others need. Raises SecopsError; can be done again."""
        background = self._background
        purge = FinishedPurge(
            name=self._name,
            commits=outcome.commits,
            gone=outcome.gone | background.removed,
            changes=outcome.refs,
            first=background.first or first_changed(self._repository, outcome.commits),
            large_files=background.large_files,
        )
        self._show = veiling(self._show, outcome.veiled)
        self._handover = hand_over(self._repository, purge, self._show)
        self._record(outcome)

    def _record(self, outcome: PurgeOutcome) -> None:
        """Put on record which values are gone, and whether that is proved: they were looked for."""
        if not self._fingerprints:
            return
        now, directory = datetime.now(UTC), self._repository.state_dir
        PURGES.add(directory, self._fingerprints, now)
        if self._background.searched and outcome.proof.holds:
            PROOFS.add(directory, self._fingerprints, now)

    def conclude(self, outcome: PurgeOutcome, access: PushAccess | None, tell: Tell) -> PurgeResult:
        """Push if there is an `access`, and write the report. Raises SecopsError.

        A push that fails takes nothing back: the result has its error.
        """
        facts, trouble = self._facts(outcome), None
        if access and has_to_ask(self._repository):
            try:
                facts = replace(facts, pushed=push_pending(self._repository, access, tell, self._show))
            except SecopsError as error:
                trouble = error
        write_report(self._repository, self._name, as_markdown(whole_story(facts)))
        return PurgeResult(outcome=outcome, facts=facts, push_error=trouble)

    def _facts(self, outcome: PurgeOutcome) -> OutcomeFacts:
        background, show, handover = self._background, self._show, self._handover
        files = {"report": report_path(self._repository, self._name), **handover.files}
        rewritten = len(outcome.commits.keys() - background.notes)
        return OutcomeFacts(
            repository=show(self._repository.root),
            commits=rewritten,
            kept=None if background.commits is None else background.commits - rewritten,
            signatures=background.signatures,
            changes=change_facts(outcome.refs, show),
            proof=proof_facts(outcome.proof, show, background.plan.scope if background.plan else None),
            backup=show(outcome.backup),
            destroy=show(outcome.destroy),
            seconds={**background.seconds, **outcome.phases},
            notes=tuple(show(note) for note in outcome.notes),
            pushes=push_facts(handover.pushes, show),
            files={use: show(path) for use, path in files.items()},
            plan=background.plan,
            searched=background.searched,
        )
