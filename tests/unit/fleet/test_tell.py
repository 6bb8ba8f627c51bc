"""A run told: what was not looked into, not read or held back is in every form for people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secopskit.cli.terminal.voice import document
from secopskit.fleet.tell import FORMS, renderer
from secopskit.fleet.tell.facts import FleetFacts, FleetHolder, FleetMember, FleetPlace, FleetSecret
from secopskit.fleet.tell.gather import SecretFilter

_PLACE = FleetPlace(
    repository="github.com/acme/app",
    path="src/=evil\x1b[31m<b>.py",
    line=3,
    column=1,
    commit="c" * 40,
    author="=Ada <ada@example.org>",
    since="2026-01-02T00:00:00+00:00",
    until="",
    present=True,
    role="source",
)
_HOLDER = FleetHolder(repository="github.com/acme/app", new=True, in_head=True, owners=("@acme/all",))
_SECRET = FleetSecret(
    id="f" * 12,
    rule_id="github-pat",
    title="A token",
    severity="high",
    confidence="high",
    fingerprint="f" * 32,
    preview="ghp_…af",
    note="",
    remediation="Revoke it.",
    references=(),
    new=True,
    first_seen="2026-11-28T10:00:00+00:00",
    since="2026-01-02T00:00:00+00:00",
    present=True,
    in_head=True,
    owners=("@acme/all",),
    repositories=("github.com/acme/app",),
    holders=(_HOLDER,),
    places=(_PLACE,),
)
_SEEN = FleetMember(
    name="github.com/acme/app",
    state="scanned",
    reason="",
    advice="",
    scanned_at="2026-11-28T10:00:00+00:00",
    seconds=1.0,
    visibility="private",
    archived=False,
    fork=False,
    secrets=1,
    new=1,
    worst="high",
    blobs=3,
    bytes=4,
    unread=7,
    limits=("This is a partial clone.",),
    skipped_for={"binary content": 7},
    suppressed={"baseline": 5},
)
_FAILED = replace(
    _SEEN,
    name="github.com/acme/broken",
    state="failed",
    reason="it took longer than 1 s",
    advice="Allow more: --timeout.",
    limits=(),
    skipped_for={},
    suppressed={},
)
_FACTS = FleetFacts(
    run=3,
    selection="organisation acme",
    started="2026-11-28T10:00:00+00:00",
    ended="2026-11-28T11:00:00+00:00",
    complete=False,
    notes=("1 repository left out: archived.",),
    states={"scanned": 1, "failed": 1},
    by_severity={"high": 1},
    total=1,
    new=1,
    gone=2,
    gone_perhaps=0,
    filtered="",
    hidden=0,
    repositories=(_SEEN, _FAILED),
    secrets=(_SECRET,),
)


def _standing(in_head: bool | None) -> FleetSecret:
    return replace(_SECRET, in_head=in_head, holders=(replace(_HOLDER, in_head=in_head),))


def _told(form: str, facts: FleetFacts) -> str:
    return document("fleet", facts) if form == "json" else renderer(form)(facts)


@pytest.mark.parametrize("form", [*FORMS, "json"])
def test_nothing_in_it_steers_a_terminal_or_a_page(form: str) -> None:
    text = _told(form, _FACTS)
    assert "\x1b" not in text
    assert "<b>.py" not in text or form != "html"
    assert text.endswith("\n")


@pytest.mark.parametrize("form", ["text", "html", "json"])
@pytest.mark.parametrize(
    "words",
    [
        *(
            "acme/broken",
            "it took longer than 1 s",
            "Allow more: --timeout.",
            "1 repository left out: archived.",
        ),
        *("binary content", "baseline", "This is a partial clone.", "@acme/all"),
    ],
)
def test_what_was_not_seen_is_told(form: str, words: str) -> None:
    assert words in _told(form, _FACTS)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("text", "perhaps still in the default branch, where not all was read"),
        ("html", "perhaps still in the default branch, where not all was read"),
        ("html", 'data-now="perhaps"'),
        ("csv", ",unknown,"),
        ("json", '"in_head": null'),
    ],
)
def test_of_which_nobody_knows_whether_the_default_branch_has_it_that_is_told(form: str, words: str) -> None:
    text = _told(form, replace(_FACTS, secrets=(_standing(None),)))
    assert words in " ".join(text.split())
    assert words not in _told(form, _FACTS)


@pytest.mark.parametrize(("in_head", "told"), [(True, True), (None, True), (False, False)])
def test_only_what_is_known_to_be_elsewhere_is_left_out(in_head: bool | None, told: bool) -> None:
    assert SecretFilter(in_head=True).lets_through(_standing(in_head)) is told


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_was_not_found_again_where_not_all_was_read_is_not_gone(form: str) -> None:
    words = "2 no longer found, 4 not found again where not all was read"
    assert words in " ".join(_told(form, replace(_FACTS, gone_perhaps=4)).split())


def test_a_cell_is_no_formula() -> None:
    assert ",'=Ada" in renderer("csv")(_FACTS)


def test_what_waits_is_counted_and_not_listed() -> None:
    waiting = replace(_FAILED, name="github.com/acme/later", state="waiting", reason="")
    text = renderer("text")(replace(_FACTS, ended="", states={"waiting": 1}, repositories=(waiting,)))
    assert "1 waiting" in text
    assert "acme/later" not in text
    assert "The run has not ended" in text


def test_many_failures_do_not_bury_the_rest() -> None:
    failed = tuple(replace(_FAILED, name=f"github.com/acme/{number}") for number in range(80))
    text = renderer("text")(replace(_FACTS, repositories=failed))
    assert text.count("it took longer") == 50
    assert "and 30 more" in text


def test_nothing_found_is_not_said_of_what_was_not_looked_into() -> None:
    text = renderer("text")(replace(_FACTS, secrets=(), total=0, by_severity={}, repositories=(_FAILED,)))
    assert text.startswith("No secrets in 1 repository, of which 1 was not looked into")
