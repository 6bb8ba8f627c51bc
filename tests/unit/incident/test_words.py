"""The first words of a status: no more than what was looked at."""

from __future__ import annotations

import pytest

from secopskit.incident.tell.facts import IncidentFacts
from secopskit.incident.tell.words import headline


@pytest.mark.parametrize(
    ("complete", "limits", "words"),
    [
        (True, (), "No exposed secret"),
        (True, ("Not read: 1 object, binary content.",), "No exposed secret in what was there to look at"),
        (False, (), "No exposed secret in what was there to look at"),
    ],
)
def test_none_is_said_of_what_was_looked_at(complete: bool, limits: tuple[str, ...], words: str) -> None:
    facts = IncidentFacts(
        repository="r", looked_at="r", complete=complete, limits=limits, counts={}, gating=0, secrets=()
    )
    assert headline(facts) == words
