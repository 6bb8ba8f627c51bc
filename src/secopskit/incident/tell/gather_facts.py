"""The facts gathered from an incident, made fit to be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from secopskit.incident.gather import Incident
from secopskit.incident.model import Acceptance, IncidentRow, IncidentState
from secopskit.incident.next_step import PUSH
from secopskit.incident.tell.facts import (
    AcceptanceFacts,
    EventFacts,
    ExposureFacts,
    IncidentFacts,
    NextFacts,
    SecretFacts,
    TaskFacts,
    UnfinishedFacts,
)
from secopskit.purge.swap.backup import destroying
from secopskit.report.facts.exposure import moment
from secopskit.report.text import count, visible

_CANNOT_REACH: Final = (
    "Whoever read the repository while a secret stood in it may have a copy: only its rotation ends that.",
    "Other clones, backups, mirrors, container images, build logs and caches of CI are not looked at.",
)


def incident_facts(incident: Incident, root: str) -> IncidentFacts:
    """The facts of an incident in the repository at `root`."""
    look, journals = incident.look, incident.journals
    counts = Counter(row.state.value for row in incident.rows)
    rewritten = any(row.purged for row in incident.rows) or bool(journals.letters)
    return IncidentFacts(
        repository=visible(root),
        looked_at=f"{visible(look.target)} ({count(look.blobs, 'object')})",
        complete=look.complete,
        limits=look.limits,
        counts={state.value: counts[state.value] for state in IncidentState if counts[state.value]},
        gating=len(incident.open),
        secrets=tuple(map(_secret, incident.rows)),
        unfinished=tuple(
            UnfinishedFacts(what=one.what, running=one.running, command=one.command)
            for one in journals.unfinished
        ),
        timeline=tuple(sorted(_events(incident), key=lambda event: (_order(event.at), event.id))),
        tasks=tuple(_tasks(incident, rewritten=rewritten)),
        unreachable=tuple(_unreachable(incident)) if incident.rows else (),
        notes=tuple(_notes(incident)),
        remote=journals.remotes[0].name if journals.remotes else "",
        rewritten=rewritten,
    )


def _secret(row: IncidentRow) -> SecretFacts:
    secret = row.secret
    return SecretFacts(
        id=secret.id,
        kind="value" if secret.value else "file",
        state=row.state.value,
        rule=visible(secret.rule_id),
        title=secret.title,
        severity=secret.severity,
        place=secret.place,
        places=secret.places,
        paths=secret.paths,
        exposure=_exposure(row),
        in_history=row.evidence.found,
        at_tip=row.present,
        rotated=row.rotated,
        rotated_how=visible(row.rotated_how),
        sinks=row.evidence.sinks.value if secret.value else "",
        purged=row.purged,
        proved=row.proved,
        acceptance=_acceptance(row.acceptance),
        came_back=row.came_back,
        gates=row.open,
        next=NextFacts(step=row.next.words, command=row.next.command),
    )


def _exposure(row: IncidentRow) -> ExposureFacts:
    start, end = moment(row.secret.first_date), moment(row.rotated)
    return ExposureFacts(
        first_commit=visible(row.secret.first_commit),
        since=row.secret.first_date,
        author=row.secret.author,
        until=row.rotated,
        days=max((end - start).days, 0) if start and end else None,
    )


def _acceptance(acceptance: Acceptance | None) -> AcceptanceFacts | None:
    if acceptance is None:
        return None
    return AcceptanceFacts(
        reason=acceptance.reason,
        owner=acceptance.owner,
        expires=acceptance.expires,
        holds=acceptance.holds,
    )


# --- what happened when -----------------------------------------------------------------------


def _events(incident: Incident) -> Iterator[EventFacts]:
    for row in incident.rows:
        secret = row.secret
        name = secret.title
        by = f" by {secret.author}" if secret.author else ""
        happened = [
            (secret.first_date, f"{name} is committed{by} ({secret.first_commit[:10]})"),
            (secret.first_seen, f"{name} is found"),
            (row.rotated, f"{name}: {visible(row.rotated_how)}"),
            (secret.synced, f"{name}: its successor is in every declared place"),
            (row.purged if secret.value else "", f"{name} is taken out of the history"),
            (row.proved if secret.value else "", f"{name} is proved to be gone from this clone"),
            *((when, f"{name} is back in the history") for when in secret.reopened),
            (secret.states.get(IncidentState.CLOSED.value, ""), f"{name} is closed"),
        ]
        yield from (EventFacts(at=at, what=what, id=secret.id) for at, what in happened if at)


def _order(at: str) -> str:
    """A time by which events of several zones can be ordered."""
    when = moment(at)
    return when.isoformat() if when else at


# --- who has to do what -----------------------------------------------------------------------


def _tasks(incident: Incident, *, rewritten: bool) -> Iterator[TaskFacts]:
    for work in incident.journals.unfinished:
        yield TaskFacts(
            who="you",
            what=f"The {work.what} {'is running' if work.running else 'has stopped half-way: finish it'}.",
            command="" if work.running else work.command,
        )
    for row in incident.rows:
        if row.next.who:
            what = f"{row.secret.title} ({row.secret.place}): {row.next.words}."
            yield TaskFacts(who=row.next.who, what=what, command=row.next.command)
        if row.acceptance and row.acceptance.holds and not row.state.rank > IncidentState.ACCEPTED.rank:
            owner = row.acceptance.owner or "nobody is named"
            until = f" by {row.acceptance.expires}" if row.acceptance.expires else ""
            what = f"{row.secret.title} ({row.secret.place}): accepted; look at it again{until}."
            yield TaskFacts(who=f"its owner ({owner})", what=what, command="secops baseline audit")
    yield from _pushes(incident)
    if rewritten:
        yield from _of_others(incident)
    for backup in incident.journals.backups:
        what = "A backup of a purge holds the values. Once the new history is accepted, destroy it."
        yield TaskFacts(who="you", what=what, command=destroying(visible(backup)))
    if incident.rows and not incident.journals.guarded:
        what = "Nothing looks at commits here: have new secrets stopped before they are committed."
        yield TaskFacts(who="you", what=what, command="secops hook install")


def _pushes(incident: Incident) -> Iterator[TaskFacts]:
    """The new history that remotes wait for, where it is not the next step of a secret already."""
    waiting = [one for one in incident.journals.remotes if one.waiting]
    if waiting and all(row.next.command != PUSH for row in incident.rows):
        names = ", ".join(f"{one.name} ({count(one.waiting, 'ref')})" for one in waiting)
        what = f"The old history, values included, is still on {names}: replace it."
        yield TaskFacts(who="you", what=what, command=PUSH)


def _of_others(incident: Incident) -> Iterator[TaskFacts]:
    """What others have to do after the history was rewritten."""
    for letter in incident.journals.letters:
        host = "the host of the remote" if letter.endswith(".txt") else "everybody with a clone"
        yield TaskFacts(who="you", what=f"Send the letter to {host}: {letter}", command="")
    yield TaskFacts(
        who="everybody with a clone",
        what="Clone anew, or take your branches along with `git rebase --onto`. Never merge the old history.",
        command="",
    )
    yield TaskFacts(who="owners of forks", what="Delete the fork and fork anew.", command="")


def _unreachable(incident: Incident) -> Iterator[str]:
    for remote in incident.journals.remotes:
        where = "/".join(filter(None, (remote.server, remote.path))) or remote.name
        yield (
            f"{remote.host} cannot be asked from here what {where} still has: {remote.request}s, forks, "
            "cached views, and objects that can be fetched by their ids."
        )
    if incident.journals.remotes:
        yield "What the remotes have is known as of the last fetch. To see more: git fetch --all --prune"
    yield from _CANNOT_REACH


def _notes(incident: Incident) -> Iterator[str]:
    if incident.look.allowed:
        yield (
            f"Not in the table: {count(incident.look.allowed, 'finding')} that a comment or an ignore file "
            "allows. `secops scan --history --show-suppressed` lists them."
        )
    for row in incident.rows:
        if row.acceptance is None or row.state is not IncidentState.FOUND:
            continue
        if row.acceptance.expired:
            yield f"{row.secret.id}: its acceptance ran out on {row.acceptance.expires}."
        else:
            yield f"{row.secret.id}: accepted without a reason; `secops baseline audit` asks for one."
    if not incident.kept:
        yield "Nothing could be written down here: the next look knows only what it finds."
