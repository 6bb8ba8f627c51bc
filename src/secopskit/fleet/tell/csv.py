"""A table for spreadsheets: one row a place. What was not looked into goes beside it.

Whether a secret is new, in the default branch, and whose it is: all that is said of the row's repository.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from secopskit.fleet.tell.facts import FleetFacts, FleetHolder, FleetPlace, FleetSecret
from secopskit.report.csv import inert_cell

COLUMNS: Final = (
    *("id", "rule_id", "title", "severity", "confidence", "fingerprint", "preview"),
    *("new", "first_seen", "in_head", "owners", "repositories"),
    *("repository", "path", "line", "column", "commit", "author", "since", "until", "present", "role"),
)


def render(facts: FleetFacts) -> str:
    """The whole table, RFC 4180 with a header."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(facts):
        writer.writerow([inert_cell(text) for text in row])
    return out.getvalue()


def _rows(facts: FleetFacts) -> Iterator[tuple[str, ...]]:
    for secret in facts.secrets:
        holders = {one.repository: one for one in secret.holders}
        for place in secret.places:
            yield (*_secret(secret, holders[place.repository]), *_place(place))


def _secret(one: FleetSecret, there: FleetHolder) -> tuple[str, ...]:
    return (
        one.id,
        one.rule_id,
        one.title,
        one.severity,
        one.confidence,
        one.fingerprint,
        one.preview,
        _word(there.new),
        one.first_seen,
        _word(there.in_head),
        " ".join(there.owners),
        str(len(one.repositories)),
    )


def _place(one: FleetPlace) -> tuple[str, ...]:
    return (
        one.repository,
        one.path,
        str(one.line),
        str(one.column),
        one.commit,
        one.author,
        one.since,
        one.until,
        _word(one.present),
        one.role,
    )


def _word(flag: bool | None) -> str:
    return "unknown" if flag is None else "yes" if flag else "no"
