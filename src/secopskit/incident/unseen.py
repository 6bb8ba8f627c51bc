"""Secrets that no look has seen: a rotation or a purge came first, and has put down what it knew."""

from __future__ import annotations

from secopskit.incident.journals import OtherJournals
from secopskit.incident.model import ExposedSecret
from secopskit.report.text import visible


def add_rotated(known: dict[str, ExposedSecret], journals: OtherJournals, moment: str) -> None:
    """Add what a rotation knew and no look has seen: a purge came first."""
    for record in journals.rotated_by.values():
        for note in record.findings:
            if note.fingerprint not in known and note.fingerprint in journals.rotations:
                known[note.fingerprint] = ExposedSecret(
                    fingerprint=note.fingerprint,
                    rule_id=note.rule_id,
                    title=visible(note.title),
                    severity="",
                    place=visible(note.place),
                    first_seen=moment,
                )


def add_purged(known: dict[str, ExposedSecret], journals: OtherJournals) -> None:
    """Add what a purge has taken out before any look saw it."""
    for fingerprint, when in journals.stated.items():
        one = journals.purged.get(fingerprint)
        if one is not None and fingerprint not in known:
            known[fingerprint] = ExposedSecret(
                fingerprint=fingerprint,
                rule_id=one.rule_id,
                title=visible(one.title),
                severity=one.severity,
                place=visible(one.place),
                places=one.places,
                paths=tuple(map(visible, one.paths)),
                first_commit=one.first_commit,
                first_date=one.first_date,
                author=one.author,
                first_seen=when,
            )
