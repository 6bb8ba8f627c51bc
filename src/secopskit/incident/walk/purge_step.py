"""The step `purge`: what is dead goes out of the history, and files that should not be there with it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from secopskit.conduct.consent import YesNo, obtain
from secopskit.errors import ExitCode, GitError, RefusedError, SecopsError
from secopskit.git.facts import RepositoryFacts
from secopskit.incident.gather import Incident, remember_digests
from secopskit.incident.model import IncidentRow, IncidentState
from secopskit.incident.walk.by_hand import confirm_removed
from secopskit.incident.walk.request import StepLeft, WalkContext
from secopskit.purge import recovery
from secopskit.purge import run as purge
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.tell.outcome_story import outcome_story
from secopskit.purge.tell.plan_story import plan_story
from secopskit.purge.values.collect import FindingChoice, ScannedFindings, ValuesToPurge, values_found
from secopskit.report.text import count, visible

STEP: Final = "purge"


def purge_step(context: WalkContext, incident: Incident) -> list[StepLeft]:
    """Purge what is dead and has been followed; what is left. Raises SecopsError."""
    mine = [row for row in incident.rows if context.request.means(row)]
    dead = [row for row in mine if row.state is IncidentState.SYNCED]
    left = [
        StepLeft(STEP, f"{row.secret.id}: nobody has said who took it out", row.next.command)
        for row in confirm_removed(context, [row for row in dead if not row.evidence.found])
    ]
    left += [StepLeft(STEP, f"{row.secret.id}: {row.next.words}") for row in mine if _is_held(row)]
    values = [row for row in dead if row.evidence.found and not row.held]
    files, waiting = _files(incident, mine)
    left += waiting
    if not values and not files:
        return left
    if alive := [row for row in mine if _is_waited_for(row)]:
        obstacle = _once(context, alive)
        if obstacle:
            return [*left, obstacle]
    tracked = _holding_values(context, files)
    if tracked and not _untrack(context, tracked):
        return [*left, _left_tracked(tracked)]
    if incident.shared.there:
        remember_digests(context.incident, incident)
    left += _purged(context, incident, values, files)
    _tell_of_files(context, incident, values)
    return left


def _is_held(row: IncidentRow) -> bool:
    """Whether it would be purged now, could a scan see it."""
    wanted = IncidentState.SYNCED if row.secret.value else IncidentState.FOUND
    return row.held and row.state is wanted


def _is_waited_for(row: IncidentRow) -> bool:
    """Whether it will have to be purged, too, and cannot be yet."""
    return (
        row.secret.value and row.evidence.found and row.state in {IncidentState.FOUND, IncidentState.ROTATED}
    )


def _once(context: WalkContext, alive: Sequence[IncidentRow]) -> StepLeft | None:
    """What keeps the purge waiting: everybody has to clone anew after each, so one is better than two."""
    words = f"{count(len(alive), 'secret')} cannot be purged yet"
    question = (
        f"{words}: the history would have to be rewritten once more, and everybody to clone anew once more. "
        "Purge the others now?"
    )
    if context.respondent.present and not context.consented and context.respondent.agrees(question):
        return None
    advice = "Deal with them, then: secops remediate. To purge others now: secops remediate --only ID…"
    return StepLeft(STEP, f"{words}, and the history is better rewritten once", advice)


def resume_purge(context: WalkContext) -> list[StepLeft]:
    """Finish a purge that has stopped half-way. Raises SecopsError."""
    result = recovery.resume(
        context.repository,
        ValuesToPurge(),
        _plan_request(context, ()),
        _apply_request(context),
        tell=context.tell,
    )
    if result is not None:
        context.tell.page("outcome", result.facts, outcome_story(result.facts), last=False)
    return []


# --- files that should not be there -----------------------------------------------------------


def _files(incident: Incident, mine: Sequence[IncidentRow]) -> tuple[tuple[str, ...], list[StepLeft]]:
    """The files to be removed from every commit, and those that wait for a secret in them.

    A file that goes takes the only copy of its values along: nobody could rotate by the report any more.
    """
    files, left = list[str](), list[StepLeft]()
    alive = {
        path
        for row in incident.rows
        if row.secret.value and row.state.rank < IncidentState.SYNCED.rank
        for path in row.secret.paths
    }
    for row in mine:
        if row.secret.value or row.held or row.state is not IncidentState.FOUND:
            continue
        for place in dict.fromkeys(
            one.path for one in incident.look.seen[row.secret.fingerprint].finding.locations
        ):
            if place in alive:
                words = f"{row.secret.id}, {row.secret.place}: waits for the secrets in it"
                left.append(StepLeft(STEP, words, "secops remediate"))
            elif place and not place.startswith("<"):
                files.append(place)
    return tuple(dict.fromkeys(files)), left


def _holding_values(context: WalkContext, files: Sequence[str]) -> tuple[str, ...]:
    """The tracked files that hold values: those to be removed, and those where new ones have been written.

    A file where a value is declared to be kept, and that differs from the last commit, has a new one.
    """
    facts = RepositoryFacts(context.repository)
    changed = set(facts.uncommitted())
    kept = [path for path in _declared_files(context) if path in changed]
    wanted = tuple(dict.fromkeys((*files, *kept)))
    return facts.tracked(*wanted) if wanted else ()


def _declared_files(context: WalkContext) -> Iterator[str]:
    """What declarations name that may be a file of the work tree."""
    for environment in context.rotation.sync.environments:
        for value in environment.values:
            if value.origin:
                yield from map(os.path.normpath, value.origin.arguments[:1])
            yield from (os.path.normpath(sink.name) for sink in value.sinks if sink.kind == "dotenv")
    for credential in context.rotation.rotate.credentials:
        for text in credential.settings.values():
            yield from map(os.path.normpath, [text] if isinstance(text, str) else text)


def _untrack(context: WalkContext, tracked: Sequence[str]) -> bool:
    """Stop tracking files that hold secrets, which stay on the disk, and commit that; whether it was done.

    Nothing else may be staged: it would be committed with it.
    """
    repository, names = context.repository, ", ".join(tracked)
    if not repository.succeeds("diff", "--cached", "--quiet"):
        context.tell.note(f"{names}: still tracked, and something is staged that would be committed with it.")
        return False
    needed = YesNo(question=f"Stop tracking {names}, and commit that? The file stays on the disk.")
    obtain(needed, context.respondent, yes=context.consented)
    RepositoryFacts(repository).untrack(tracked)
    try:
        repository.run("commit", "--quiet", "--no-verify", "--message", f"Stop tracking {names}")
    except GitError as error:
        context.tell.note(f"git could not commit that {names} is no longer tracked: {error}")
        return False
    for name in tracked:
        if not repository.ignores(name):
            context.tell.note(f"{name}: .gitignore does not name it; `secops init` sees to that.")
    return True


def _left_tracked(tracked: Sequence[str]) -> StepLeft:
    names = shlex.join(tracked)
    return StepLeft(
        STEP,
        f"{', '.join(tracked)}: still tracked, and may hold new values now",
        f"git rm --cached {names} && git commit -m 'Stop tracking secrets', then: secops remediate",
        ExitCode.INCOMPLETE,
    )


def _tell_of_files(context: WalkContext, incident: Incident, rows: Sequence[IncidentRow]) -> None:
    """Say which dotenv files stay committed: as such they are no finding that is reported."""
    leaked = {path for row in rows for path in row.secret.paths}
    files = tuple(path for path in dict.fromkeys(incident.look.files) if path in leaked)
    for name in RepositoryFacts(context.repository).tracked(*files) if files else ():
        context.tell.note(
            f"{visible(name)}: still tracked, and the next value may come in with it. `secops init` stops "
            f"that. Out of every commit: secops purge-history --path {shlex.quote(visible(name))} --apply"
        )


# --- values -----------------------------------------------------------------------------------


def _purged(
    context: WalkContext, incident: Incident, rows: Sequence[IncidentRow], files: tuple[str, ...]
) -> list[StepLeft]:
    # Each of them is dead by what a look goes by, which is more than a purge can read.
    dead = frozenset(row.secret.fingerprint for row in rows)
    repository, request = context.repository, replace(_plan_request(context, files), dead=dead)
    found = tuple(incident.look.seen[row.secret.fingerprint].finding for row in rows)
    try:
        purge.check_early(repository, request)
        values = (
            values_found(repository, ScannedFindings(findings=found), FindingChoice())
            if found
            else ValuesToPurge()
        )
        proposal = purge.plan(repository, values, request, respondent=context.respondent, tell=context.tell)
    except (RefusedError, GitError) as error:
        return [_stopped(error)]
    context.tell.page("plan", proposal.facts, plan_story(proposal.facts, everything=False), last=False)
    left = [StepLeft(STEP, words, "secops remediate --places-only") for words in proposal.facts.left_out]
    if proposal.empty:
        return left
    result = purge.apply(
        repository, proposal, _apply_request(context), respondent=context.respondent, tell=context.tell
    )
    context.tell.page("outcome", result.facts, outcome_story(result.facts), last=False)
    if not result.facts.proof.holds:
        left += [
            StepLeft(STEP, f"still in the {one.place} {one.name}", one.advice)
            for one in result.facts.proof.leftovers
        ]
    return left


def _stopped(error: SecopsError) -> StepLeft:
    """What stands in the way of a purge, as it says itself."""
    return StepLeft(STEP, str(error), f"{error.advice} Then: secops remediate".strip(), ExitCode.INCOMPLETE)


def _plan_request(context: WalkContext, files: tuple[str, ...]) -> PlanRequest:
    return PlanRequest(
        paths=files,
        places_only=context.request.places_only,
        to_be_applied=True,
        jobs=context.incident.session.jobs,
    )


def _apply_request(context: WalkContext) -> PurgeApplyRequest:
    return PurgeApplyRequest(
        consented=context.consented,
        backup=context.request.backup,
        backup_dir=context.request.backup_dir,
        jobs=context.incident.session.jobs,
    )
