"""The targets of a plan: the values that are meant, settled, numbered and marked as rotated."""

from __future__ import annotations

from secopskit.conduct.consent import Respondent
from secopskit.conduct.tell import Tell
from secopskit.git.repository import Repository
from secopskit.progress import ProgressStage
from secopskit.purge.find.drops import blobs_at
from secopskit.purge.model import PurgeTarget
from secopskit.purge.plan import PlanDraft, with_fewer_targets
from secopskit.purge.request import PlanRequest
from secopskit.purge.values import rotation, targets
from secopskit.purge.values.delicate import SettledCandidates, settle_common
from secopskit.purge.values.targets import Candidate
from secopskit.secret import SecretValue
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.purges import PURGES
from secopskit.state.rotations import read_rotations


def targets_of(
    repository: Repository, settled: SettledCandidates, request: PlanRequest
) -> tuple[PurgeTarget, ...]:
    """The targets for the candidates that stay. Raises UsageError for what names none of them, GitError."""

    def own_blobs(candidate: Candidate) -> frozenset[str]:
        """The blobs that a confined value is replaced in."""
        return blobs_at(repository, candidate.paths)

    key = fingerprint_key(repository.state_dir)
    numbered = targets.number(settled.kept, request.replacements, key=key, own_blobs=own_blobs)
    state = repository.state_dir
    # Of what was purged before, somebody has stated it then; `dead` is what the caller knows of it.
    record = {*read_rotations(state), *PURGES.read(state), *request.dead}
    return rotation.with_rotation(numbered, record, request.rotated)


def without_common(
    repository: Repository,
    made: PlanDraft,
    settled: SettledCandidates,
    request: PlanRequest,
    respondent: Respondent,
    tell: Tell,
) -> tuple[PlanDraft, SettledCandidates]:
    """The draft without the values that are too common, or with them confined; and who stays in it.

    No object is read again. Raises GitError.
    """
    common = _common(made, settled.kept)
    if not common:
        return made, settled
    settled = settle_common(settled, common, places_only=request.places_only, respondent=respondent)
    with tell.progress() as progress:
        progress.stage(ProgressStage.FINDING_EXTENT)
        return with_fewer_targets(repository, made, targets_of(repository, settled, request)), settled


def _common(made: PlanDraft, candidates: tuple[Candidate, ...]) -> dict[SecretValue, str]:
    """The values that stand in so many files that they must be ordinary words, and why each is one."""
    by_value = {one.value: one for one in candidates if not one.confined}
    common = dict[SecretValue, str]()
    for target in made.targets:
        if target.value in by_value:
            found = len(by_value[target.value].paths)
            if reason := targets.why_common(target.value, made.files_with(target.number), found):
                common[target.value] = reason
    return common
