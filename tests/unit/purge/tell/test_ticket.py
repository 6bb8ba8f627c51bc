"""The letters after a purge name all that somebody else has to see to, however much it is."""

from __future__ import annotations

from hashlib import sha256

import pytest

from secopskit.git.hosts import host_of
from secopskit.git.remotes import Remote
from secopskit.purge.tell.ticket import TicketFacts, collaborators, ticket
from secopskit.report.page import as_markdown, as_text

URL = "git@github.com:org/app.git"
MANY = 450


def _ids(kind: str, digits: int) -> tuple[str, ...]:
    return tuple(sha256(f"{kind} {number}".encode()).hexdigest()[:digits] for number in range(MANY))


@pytest.mark.parametrize("name", ["requests", "first", "large_files"])
def test_the_host_is_told_all_that_it_is_to_delete(name: str) -> None:
    facts = TicketFacts(
        remote=Remote(name="origin", host=host_of(URL), server="github.com", path="org/app", refspecs=()),
        requests=tuple(str(number) for number in range(1, MANY + 1)),
        first=_ids("commit", 40),
        large_files=_ids("large file", 64),
    )
    words = as_text(ticket(facts), width=76, airy=True).split()
    told = [word.rstrip(",").removeprefix("#") for word in words]
    assert not set(getattr(facts, name)).difference(told)


def test_collaborators_are_told_the_old_and_new_id_of_every_ref() -> None:
    rows = [
        (f"refs/heads/b{number:03}", old, new)
        for number, (old, new) in enumerate(zip(_ids("old", 40), _ids("new", 40), strict=True))
    ]
    letter = as_markdown(collaborators(rows, "origin", ids_file="purged-ids.txt"))
    for ref, old, new in rows:
        assert f"**{ref.removeprefix('refs/heads/')}**: {old} is now {new}" in letter
