"""The recovery of a purge: finished after it was cut off, given up, or undone from its backup."""

from __future__ import annotations

from secopskit.conduct.consent import NOBODY, Respondent
from secopskit.conduct.tell import SILENCE, Tell
from secopskit.git.repository import Repository
from secopskit.purge.conclusion import Conclusion, PurgeBackground, PurgeResult
from secopskit.purge.handover import withdraw
from secopskit.purge.publish import on_remotes
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.safeguards import require_consent, resumable
from secopskit.purge.swap import recover
from secopskit.purge.swap.rollback import rollback as undo
from secopskit.purge.targeting import targets_of
from secopskit.purge.values.collect import ValuesToPurge
from secopskit.purge.values.delicate import settle


def is_unfinished(repository: Repository) -> bool:
    """Whether a purge has stopped half-way; one that has changed nothing is cleared away.

    Raises SecopsError.
    """
    if recover.unfinished(repository) is not None:
        return True
    recover.abort(repository)  # what is there has changed nothing, and holds no more than space
    return False


def resume(
    repository: Repository,
    values: ValuesToPurge,
    plan_request: PlanRequest,
    request: PurgeApplyRequest,
    *,
    respondent: Respondent = NOBODY,
    tell: Tell = SILENCE,
) -> PurgeResult | None:
    """Finish what was cut off; None where it had changed nothing: it is forgotten. Raises SecopsError.

    Where it is to be pushed, too, consent is obtained first. Without `values`, nothing is searched for
    them: what a scan finds now is not what it found then.
    """
    journal = recover.unfinished(repository)
    if journal is None:
        return None
    settled = settle(values.candidates, places_only=plan_request.places_only, respondent=NOBODY)
    targets = targets_of(repository, settled, plan_request)
    background = PurgeBackground(searched=bool(targets) or not journal.fingerprints)
    conclusion = Conclusion(repository, background, targets, journal.fingerprints)
    if request.push:
        what = "This finishes the purge, and replaces the history on the remotes."
        require_consent(repository, what, respondent, given=request.consented)
    with resumable(repository):
        outcome = recover.resume(
            repository, targets, wait=request.wait, jobs=request.jobs, tell=tell, conclude=conclusion.keep
        )
    return None if outcome is None else conclusion.conclude(outcome, request.push, tell)


def abort(repository: Repository, request: PurgeApplyRequest) -> bool:
    """Give up what was cut off; whether there was anything. Raises RefusedError where refs are swapped."""
    return recover.abort(repository, wait=request.wait)


def rollback(
    repository: Repository,
    request: PurgeApplyRequest,
    *,
    respondent: Respondent = NOBODY,
    tell: Tell = SILENCE,
) -> tuple[str, ...]:
    """Undo the last purge, once consent is obtained; nothing is to be told or pushed any more.

    What was pushed stays so: the answer says of each remote what it has now. Raises RefusedError without
    consent, SecopsError.
    """
    what = "This brings the purged values back into the history."
    require_consent(repository, what, respondent, given=request.consented)
    told = list[str]()

    def conclude() -> None:
        told.extend(on_remotes(repository))
        withdraw(repository)

    undo(repository, directory=request.backup_dir, wait=request.wait, tell=tell, conclude=conclude)
    return tuple(told)
