"""What only a person can say: that a secret was revoked where it was issued, or removed by other means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from secopskit.incident.model import ExposedSecret, IncidentRow, Revocation
from secopskit.incident.record import IncidentRecord
from secopskit.incident.walk.request import WalkContext
from secopskit.state.rotations import record_rotations

_Word = Literal["revoked", "removed", "dismissed"]


def put_down(context: WalkContext, rows: Iterable[IncidentRow], what: _Word) -> None:
    """Put on record that somebody has said so: when, and who. Raises SecopsError.

    A revocation is also on the record of rotations, so that a purge knows.
    """
    word = Revocation(context.incident.moment, context.incident.actor)
    names = [row.secret.fingerprint for row in rows]

    def remember(known: dict[str, ExposedSecret]) -> None:
        for name in names:
            match what:
                case "revoked":
                    known[name] = replace(known[name], revoked=word)
                case "removed":
                    known[name] = replace(known[name], removed=word)
                case "dismissed":
                    known[name] = replace(known[name], dismissed=word)

    if names:
        IncidentRecord(context.repository.state_dir).update(remember)
        if what == "revoked":
            record_rotations(context.repository.state_dir, names, context.incident.now)


def confirm_revoked(context: WalkContext, rows: Iterable[IncidentRow]) -> tuple[IncidentRow, ...]:
    """Ask for each whether it is revoked, and put down what is; those that are not."""
    left = list[IncidentRow]()
    for row in rows:
        question = f"{row.secret.id}: is it revoked where it was issued, and replaced where it is used?"
        if _stated(context, row) or _confirmed(context, question):
            put_down(context, [row], "revoked")
        else:
            left.append(row)
    return tuple(left)


def confirm_removed(context: WalkContext, rows: Iterable[IncidentRow]) -> tuple[IncidentRow, ...]:
    """Ask for each that has vanished whether another tool has taken it out; those of which nobody says so."""
    left = list[IncidentRow]()
    for row in rows:
        question = (
            f"{_name(row)}: the history has it no more, and no purge on record took it out. "
            "Was it taken out on purpose, by other means?"
        )
        if _confirmed(context, question):
            put_down(context, [row], "removed")
        else:
            left.append(row)
    return tuple(left)


def confirm_dismissed(context: WalkContext, rows: Sequence[IncidentRow]) -> tuple[IncidentRow, ...]:
    """Ask once whether what is held back from a scan is no secret; those of which nobody says so."""
    if not rows:
        return ()
    names = ", ".join(map(_name, rows))
    question = (
        f"{names}: the history holds it, but settings, a comment or an ignore file keep a scan from "
        "reporting it. Is none of this a secret?"
    )
    if not _confirmed(context, question):
        return tuple(rows)
    put_down(context, rows, "dismissed")
    return ()


def _stated(context: WalkContext, row: IncidentRow) -> bool:
    return row.secret.id.startswith(context.request.revoked) if context.request.revoked else False


def _confirmed(context: WalkContext, question: str) -> bool:
    """The answer of a person: `--yes` is none, for nobody has looked then."""
    return context.respondent.present and context.respondent.agrees(question)


def _name(row: IncidentRow) -> str:
    return f"{row.secret.id}, {row.secret.title} ({row.secret.place})"
