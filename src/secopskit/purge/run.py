"""The use case of a purge: its plan, a value to decide on, and the application of it.

Whoever calls hands in the values, somebody to be asked, and somebody to be told; nothing here knows
of a command line. `recovery`, `verify` and `publish` are its siblings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from secopskit.conduct.consent import NOBODY, Respondent
from secopskit.conduct.tell import SILENCE, Tell
from secopskit.errors import RefusedError, SecopsError
from secopskit.git.remotes import remotes
from secopskit.git.repository import Repository
from secopskit.progress import ProgressStage
from secopskit.purge.archives import settled_archives, undecided
from secopskit.purge.conclusion import Conclusion, PurgeBackground, PurgeResult
from secopskit.purge.find.drops import large_files, make_drops, removed_blobs
from secopskit.purge.find.elsewhere import Elsewhere, elsewhere, followed
from secopskit.purge.find.parent import told_of_parent
from secopskit.purge.find.refnames import require_renamable
from secopskit.purge.model import StagedFile
from secopskit.purge.plan import PurgePlan, completed, draft
from secopskit.purge.push.plan import unfetched_requests
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.safeguards import require_consent, resumable
from secopskit.purge.swap.apply import apply_plan
from secopskit.purge.swap.finish import without_values
from secopskit.purge.swap.preconditions import check_changes, check_repository
from secopskit.purge.swap.staged import staged_values
from secopskit.purge.targeting import targets_of, without_common
from secopskit.purge.tell.facts import PlanFacts
from secopskit.purge.tell.gather_facts import plan_facts, shown
from secopskit.purge.tell.scope import Show, scope_facts
from secopskit.purge.tell.secrets import purged_secrets
from secopskit.purge.values import rotation
from secopskit.purge.values.collect import NOT_SPELT, ValuesToPurge
from secopskit.purge.values.delicate import SettledCandidates, settle, why_left_out
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.report.text import count, listed
from secopskit.state.purged_secrets import PurgedSecret, record_purged_secrets

_FEW: Final = 4
_UNSURE: Final = (
    "What is removed may have had other names, which are not told here, and stay: a commit brings and takes "
    "away so many files at once that git does not compare them all. `git log --all --stat -M -l0` does."
)
_REWRITES: Final = "This rewrites the history."


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeProposal:
    """A plan, and the facts to decide on it, which hold no value; `secrets` is what is remembered of them."""

    plan: PurgePlan
    facts: PlanFacts
    secrets: Mapping[str, PurgedSecret] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """See `conduct.plan.ChangePlan`."""
        return self.plan.empty


def check_early(repository: Repository, request: PlanRequest) -> tuple[str, ...]:
    """What stands in the way before anything is searched, each in a sentence; `plan` asks again.

    Raises SecopsError for it if the plan is to be applied, and if no plan can be made.
    """
    # A purge that is at work would make this plan stale: wait before it is made.
    wait = request.wait if request.to_be_applied else 0.0
    cut_off = repository.shallow or repository.partial
    stops = request.to_be_applied or cut_off
    return _objections(lambda: check_repository(repository, wait=wait), stops=stops)


def plan(
    repository: Repository,
    values: ValuesToPurge,
    request: PlanRequest,
    *,
    respondent: Respondent = NOBODY,
    tell: Tell = SILENCE,
) -> PurgeProposal:
    """Make the plan. Nothing is changed. Raises SecopsError.

    The respondent is asked about values that are too common to be replaced wherever they stand.
    """
    blockers = check_early(repository, request)
    made, settled, undecided = _plan(repository, values, request, respondent, tell)
    matcher = ValueMatcher(made.targets)
    made = replace(made, unstage=_unstaged(repository, made, request, respondent, shown(matcher)))
    show = shown(matcher)
    with tell.progress() as progress:
        progress.stage(ProgressStage.CHECKING_PLAN)
        if not made.empty:
            blockers += _in_the_way(repository, made, matcher, stops=request.to_be_applied)
            blockers += (undecided,) if undecided else ()
        other = elsewhere(repository, made.drops)
        facts = replace(
            plan_facts(repository, made, matcher, other.paths),
            left_out=tuple(show(why_left_out(one)) for one in settled.left_out),
            remarks=tuple(show(text) for text in (*values.notes, *_remarks(repository, made))),
            blockers=tuple(show(text) for text in blockers),
            scope=scope_facts(
                made.targets,
                made.drops,
                values.remaining,
                show,
                scanned=values.scope_known,
                limits=_limits(values, other),
            ),
        )
    secrets = purged_secrets(made, facts, values.candidates, show)
    return PurgeProposal(plan=made, facts=facts, secrets=secrets)


def _limits(values: ValuesToPurge, other: Elsewhere) -> Iterator[str]:
    """What could not be looked at, in sentences."""
    for path in values.unspelt:
        yield f"{path}: a scan has found a value there, but {NOT_SPELT}: in its spelling, it may stay."
    if other.unsure:
        yield _UNSURE


def _in_the_way(
    repository: Repository, made: PurgePlan, matcher: ValueMatcher, *, stops: bool
) -> tuple[str, ...]:
    """What of the repository as it stands does not let the plan be applied, each in a sentence."""

    def check() -> None:
        require_renamable(repository, made.extent.renamed_refs)
        check_changes(repository, made.survey, made.extent, made.drops, matcher, unstage=made.unstage)

    try:
        return _objections(check, stops=stops)
    except SecopsError as error:
        raise without_values(error, matcher) from None


def apply(
    repository: Repository,
    proposal: PurgeProposal,
    request: PurgeApplyRequest,
    *,
    respondent: Respondent = NOBODY,
    tell: Tell = SILENCE,
) -> PurgeResult:
    """Obtain the consent, and carry out a plan that is not empty. All is written then that others need.

    Raises RefusedError where something stands in the way, a value is not rotated, or consent is not
    given; SecopsError: IncompleteError where it is to be resumed, any other where nothing was changed.
    """
    made = proposal.plan
    if blockers := proposal.facts.blockers:
        raise RefusedError(blockers[0], advice="Then make the plan again.")
    if unrotated := made.unrotated:
        raise rotation.refusal(unrotated)
    what = "This rewrites the history, and replaces it on the remotes." if request.push else _REWRITES
    require_consent(repository, what, respondent, given=request.consented)
    record_purged_secrets(repository.state_dir, proposal.secrets)
    conclusion = Conclusion(repository, _background(repository, proposal), made.targets)
    with resumable(repository):
        outcome = apply_plan(
            repository,
            made,
            backup=request.backup,
            backup_dir=request.backup_dir,
            wait=request.wait,
            jobs=request.jobs,
            tell=tell,
            conclude=conclusion.keep,
        )
    return conclusion.conclude(outcome, request.push, tell)


def _plan(
    repository: Repository, values: ValuesToPurge, request: PlanRequest, respondent: Respondent, tell: Tell
) -> tuple[PurgePlan, SettledCandidates, str]:
    """The plan, what became of the candidates, and what nobody has decided yet, in a sentence."""
    drops = make_drops(repository, request.paths, keep_head=request.keep_head)
    if request.follow:
        drops = followed(repository, drops, keep_head=request.keep_head)
    settled = settle(values.candidates, places_only=request.places_only, respondent=respondent)
    targets = targets_of(repository, settled, request)
    with tell.progress() as progress:
        made = draft(
            repository, targets, drops, keep_ids=request.keep_ids, jobs=request.jobs, progress=progress
        )
    made, settled = without_common(repository, made, settled, request, respondent, tell)
    made = settled_archives(repository, made, request.archives, respondent, tell)
    with tell.progress() as progress:
        return completed(repository, made, progress=progress), settled, undecided(made)


def _unstaged(
    repository: Repository, made: PurgePlan, request: PlanRequest, respondent: Respondent, show: Show
) -> tuple[StagedFile, ...]:
    """The staged files with values that are to be taken out of the index, if that is said or agreed to."""
    files = staged_values(repository, made.survey.blobs) if made.survey.blobs else ()
    if not files or request.unstage:
        return files
    names = listed(tuple(show(one.path) for one in files), _FEW)
    question = (
        f"Staged and not committed, with a value in it: {names}.\nTake it out of the index? The file stays."
    )
    offered = request.to_be_applied and respondent.present
    return files if offered and respondent.agrees(question) else ()


def _background(repository: Repository, proposal: PurgeProposal) -> PurgeBackground:
    made, facts = proposal.plan, proposal.facts
    removed = removed_blobs(repository, made.drops) | made.large_files.keys()
    return PurgeBackground(
        commits=facts.total_commits,
        notes=frozenset(made.extent.notes),
        signatures=facts.signatures,
        first=made.extent.first,
        removed=removed,
        large_files=large_files(repository, removed, made.outside),
        plan=facts,
        seconds=made.phases,
    )


def _objections(check: Callable[[], None], *, stops: bool) -> tuple[str, ...]:
    """What a check objects to, in a sentence. Raises it as it is where it `stops` the plan."""
    try:
        check()
    except SecopsError as error:
        if stops:
            raise
        return (f"{error}. {error.advice}",)
    return ()


def _remarks(repository: Repository, made: PurgePlan) -> Iterator[str]:
    """What else there is to be known of the plan, in sentences."""
    yield from _unknown_requests(repository, made)
    if made.large_files:
        objects = count(len(set(made.large_files.values())), "Git LFS object")
        yield (
            f"{objects} to which no file may point any more: removed here, while the LFS server keeps them "
            "until somebody deletes them there. The ticket lists them."
        )
    if made.extent.commits and (told := told_of_parent(repository)):
        yield told


def _unknown_requests(repository: Repository, made: PurgePlan) -> tuple[str, ...]:
    """How to find out which pull requests are concerned, if nobody can tell here."""
    command = unfetched_requests(remotes(repository), made.extent.refs) if made.extent.commits else ""
    words = f"No pull requests are fetched here. To see which of them hold what changes: {command}"
    return (words,) if command else ()
