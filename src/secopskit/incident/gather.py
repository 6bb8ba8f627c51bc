"""An incident put together: the look, the record of earlier looks, and what the other commands know."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from secopskit.errors import ExitCode, SecopsError
from secopskit.incident.journals import OtherJournals, read_journals
from secopskit.incident.looking import HistoryLook, look_at_history, remembered, still_there
from secopskit.incident.model import (
    Acceptance,
    ExposedSecret,
    IncidentEvidence,
    IncidentRow,
    IncidentState,
    SinkState,
)
from secopskit.incident.next_step import next_step
from secopskit.incident.record import Change, IncidentRecord
from secopskit.incident.request import IncidentContext
from secopskit.incident.shared import DeadSecret, SharedRecord
from secopskit.incident.states import state_of
from secopskit.incident.unseen import add_purged, add_rotated
from secopskit.report.text import visible
from secopskit.rotate.model import RotationStep

_SEVERITIES: Final = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """All exposed secrets of a repository, worst first; how they were looked for; what else is to be known.

    `kept` is False where nothing could be written down: then the next look knows only what it finds.
    """

    rows: tuple[IncidentRow, ...]
    look: HistoryLook
    journals: OtherJournals
    shared: SharedRecord = field(repr=False)
    kept: bool = True

    @property
    def open(self) -> tuple[IncidentRow, ...]:
        """Those for which a merge has to wait."""
        return tuple(row for row in self.rows if row.open)

    @property
    def pending(self) -> tuple[IncidentRow, ...]:
        """Those for which something is left to do."""
        return tuple(row for row in self.rows if not row.state.settled)


def gather(context: IncidentContext) -> Incident:
    """Look, remember what was seen, and say how far each secret has come. Raises SecopsError."""
    look = look_at_history(context)
    journals = read_journals(context)
    shared = SharedRecord.load(context.shared, root=context.repository.root)
    rows = list[IncidentRow]()

    def remember(known: dict[str, ExposedSecret]) -> None:
        rows.clear()
        add_rotated(known, journals, context.moment)
        add_purged(known, journals)
        for fingerprint, seen in look.seen.items():
            known[fingerprint] = remembered(known.get(fingerprint), seen.secret, context.moment)
        unseen = [one for fingerprint, one in known.items() if fingerprint not in look.seen]
        held = look.held | still_there(context.repository, unseen)
        for one in unseen:
            if one.fingerprint in held:
                known[one.fingerprint] = replace(one, gone="")
            elif look.complete and not one.gone:
                known[one.fingerprint] = replace(one, gone=context.moment)
        for fingerprint, one in list(known.items()):
            row = _row(one, look, journals, shared, held=fingerprint in held)
            row = replace(row, secret=_with_state(row, context.moment))
            known[fingerprint] = row.secret
            rows.append(row)

    kept = _kept(context, remember, there=bool(look.seen or journals.stated or journals.rotations))
    return Incident(
        rows=tuple(sorted(rows, key=_order)), look=look, journals=journals, shared=shared, kept=kept
    )


def _kept(context: IncidentContext, remember: Change, *, there: bool) -> bool:
    """Have it remembered; where nothing can be written, it is worked out without. Raises SecopsError.

    `there` tells that something may be added to what is known.
    """
    record = IncidentRecord(context.repository.state_dir)
    known = dict(record.read())
    if not known and not there:
        return True
    try:
        record.update(remember)
    except SecopsError as error:
        if error.exit_code is not ExitCode.OPERATION:
            raise
        remember(known)
        return False
    return True


def _row(
    secret: ExposedSecret, look: HistoryLook, journals: OtherJournals, shared: SharedRecord, *, held: bool
) -> IncidentRow:
    fingerprint = secret.fingerprint
    seen = look.seen.get(fingerprint)
    found = seen is not None or held
    dead = shared.find(seen.finding) if seen else None
    secret = _with_rotation(secret, journals)
    rotated, how = _rotated(secret, journals, dead)
    purged = journals.purges.get(fingerprint) or (secret.removed.at if secret.removed else "")
    proved = journals.proofs.get(fingerprint, "")
    if not secret.value and not found and look.complete:
        purged = proved = secret.gone  # of a file, this very look is the proof: it names rule and path
    acceptance = seen.acceptance if seen else _dismissed(secret) if held else None
    evidence = IncidentEvidence(
        value=secret.value,
        found=found,
        complete=look.complete,
        accepted=acceptance is not None and acceptance.holds,
        dead=bool(rotated),
        on_record=fingerprint in journals.rotations or fingerprint in journals.stated,
        sinks=_sinks(secret, journals, rotated, dead),
        purged=bool(purged),
        proved=bool(proved) and proved >= purged,
        unpushed=any(remote.waiting for remote in journals.remotes),
        returned=journals.returned,
    )
    state = state_of(evidence)
    return IncidentRow(
        secret=secret,
        evidence=evidence,
        state=state,
        next=next_step(
            secret,
            evidence,
            state,
            acceptance=acceptance,
            unfinished=journals.unfinished,
            held=held,
            cure=look.cure,
        ),
        acceptance=acceptance,
        present=bool(seen and seen.present),
        rotated=rotated,
        rotated_how=how,
        purged=purged,
        proved=proved if evidence.proved else "",
        came_back=found and bool(secret.reopened or purged or (dead and dead.closed)),
        held=held,
    )


def _dismissed(secret: ExposedSecret) -> Acceptance | None:
    """What stands for an acceptance of what is held back: somebody's word that it is no secret."""
    if secret.dismissed is None:
        return None
    return Acceptance(
        reason="held back by settings, a comment or an ignore file, and said to be no secret",
        owner=visible(secret.dismissed.by),
        expires="",
        expired=False,
    )


def _with_rotation(secret: ExposedSecret, journals: OtherJournals) -> ExposedSecret:
    """With what a finished rotation says of it: its journal is replaced by that of the next one."""
    record = journals.rotated_by.get(secret.fingerprint)
    if record is None:
        return secret
    covered = record.step is RotationStep.COVERED
    published = record.times.get(RotationStep.PUBLISHED.value, "") or (
        record.times.get(RotationStep.COVERED.value, "") if covered else ""
    )
    return replace(secret, credential=record.id, synced=published or secret.synced)


def _rotated(secret: ExposedSecret, journals: OtherJournals, dead: DeadSecret | None) -> tuple[str, str]:
    """When it became worthless, and how that is known; both empty where it is not."""
    if secret.revoked:
        return secret.revoked.at, f"revoked by hand, confirmed by {secret.revoked.by}"
    if when := journals.rotations.get(secret.fingerprint):
        return when, "rotated by secops"
    if dead:
        return dead.rotated, f"on record in the committed file, by {dead.by}"
    # A purge is applied only if the value is rotated, or somebody has stated so.
    if when := journals.stated.get(secret.fingerprint):
        return when, "stated to be rotated when it was purged"
    return "", ""


def _sinks(
    secret: ExposedSecret, journals: OtherJournals, rotated: str, dead: DeadSecret | None
) -> SinkState:
    """Whether the places that it is published to have its successor."""
    if journals.published.get(secret.fingerprint):
        return SinkState.BEHIND
    if secret.synced or (dead and dead.closed) or (rotated and journals.declares and journals.followed):
        return SinkState.FOLLOWED
    if not journals.declares:
        return SinkState.NONE
    return SinkState.UNKNOWN


def _with_state(row: IncidentRow, moment: str) -> ExposedSecret:
    """What is remembered, with the moment at which this state was first seen.

    States that it has fallen back from are forgotten, but for the time of the look that saw it come back.
    """
    reached = {
        name: when for name, when in row.secret.states.items() if IncidentState(name).rank <= row.state.rank
    }
    return replace(row.secret, states=reached | {row.state.value: reached.get(row.state.value, moment)})


def _order(row: IncidentRow) -> tuple[int, bool, int, str, str]:
    """What has come least far first; files after values, for those are dealt with before."""
    known = row.secret.severity in _SEVERITIES
    worst = _SEVERITIES.index(row.secret.severity) if known else len(_SEVERITIES)
    return row.state.rank, not row.secret.value, worst, row.secret.place, row.secret.fingerprint


def remember_digests(context: IncidentContext, incident: Incident) -> dict[str, str]:
    """The slow digests of the dead secrets by fingerprint, put down while their values are at hand.

    Once a secret is purged nobody could compute its digest any more. Raises SecopsError.
    """
    digests = dict[str, str]()
    for row in incident.rows:
        secret, seen = row.secret, incident.look.seen.get(row.secret.fingerprint)
        digest = secret.digest
        if seen is not None and seen.finding.secret is not None and row.rotated:
            digest = incident.shared.digest(seen.finding.secret) or ""
        if digest:
            digests[secret.fingerprint] = digest

    def remember(secrets: dict[str, ExposedSecret]) -> None:
        for fingerprint, digest in digests.items():
            if fingerprint in secrets:
                secrets[fingerprint] = replace(secrets[fingerprint], digest=digest)

    if digests and incident.kept:
        IncidentRecord(context.repository.state_dir).update(remember)
    return digests


def write_shared(context: IncidentContext, incident: Incident) -> bool:
    """Write the record that may be committed: the secrets that are dead, and which of them are closed.

    Whether the file is another one now. Raises SecopsError.
    """
    digests = remember_digests(context, incident)
    known = {one.digest: one for one in incident.shared.secrets}
    for row in incident.rows:
        secret, digest = row.secret, digests.get(row.secret.fingerprint)
        if digest is None:
            continue
        by = secret.revoked.by if secret.revoked else "secops rotate"
        closed = secret.states.get(IncidentState.CLOSED.value, "") if not row.evidence.found else ""
        before = known.get(digest) or DeadSecret(digest, secret.rule_id, secret.paths, row.rotated, by, "")
        known[digest] = before._replace(closed=before.closed or closed)
    return bool(known) and incident.shared.write(known.values())
