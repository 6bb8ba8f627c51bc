"""Values in names: taken out before anything is rendered, and common words left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Location, ScanResult, Severity, Skipped, SkipReason, Suppressed, SuppressedBy
from secopskit.redaction import NameRedaction, SeenValues, redacted_result
from secopskit.report import FORMATS, load
from secopskit.report.interface import RenderOptions
from secopskit.secret import SecretValue
from support.effort import costs_little
from support.report_samples import STILL_THERE, finding, made, place
from support.values import alnum

TOKEN = made("a token", 24).decode()


def names(*values: str) -> NameRedaction:
    return NameRedaction(SecretValue(value.encode("utf-8", "surrogateescape")) for value in values)


@pytest.mark.parametrize(
    "value",
    [
        "admin",
        "postgres",
        "password",
        "Administrator"[:11],
        "odoo17",
        "admin123",
        "20240131",
        "aaaaaaaaaa",
        "a/b/a/b/a",
    ],
)
def test_common_words_and_short_values_stay(value: str) -> None:
    path = f"{value}/x/{value}.conf"
    assert names(value)(path) == path


@pytest.mark.parametrize(
    "value",
    ["hunter2-xyz", "Pa55w0rd!x", "correcthorsebattery", "p\u00e4ssw\u00f6rt7zwei", "caf\udce9-x9y8z7"],
)
def test_a_value_is_taken_out_where_it_stands_alone(value: str) -> None:
    assert names(value)(f"a/{value}/b-{value}.txt") == "a/***/b-***.txt"
    inside = f"a/x{value}/b"
    assert names(value)(inside) == ("a/x***/b" if len(value) >= 16 else inside)


def test_the_longest_value_wins_and_every_one_is_taken_out() -> None:
    redact = names(TOKEN, TOKEN + "-longer", "other-" + TOKEN)
    assert redact(f"{TOKEN}-longer/{TOKEN}x{TOKEN}") == "***/***x***"
    assert redact(f"other-{TOKEN}") == "***"
    assert redact("") == ""


@given(st.lists(st.sampled_from([TOKEN, TOKEN[:20], "/", "x", "é", TOKEN[5:]]), max_size=8).map("".join))
def test_no_name_holds_a_telling_value(name: str) -> None:
    assert TOKEN not in names(TOKEN)(name)


def test_thousands_of_values_and_names_take_one_pass() -> None:
    values = [alnum(40) for _ in range(4000)]
    paths = [f"src/module/{value}/deep/er/{number}.py" for number, value in enumerate(values)]

    def redacted() -> list[str]:
        redact = names(*values)  # anew: it remembers names that it has seen
        return [redact(path) for path in paths]

    assert costs_little(redacted, 2) == [f"src/module/***/deep/er/{number}.py" for number in range(4000)]


def hostile_names() -> ScanResult:
    """A value of one finding in every name of another, of what is held back, and of what is not read."""
    known = STILL_THERE._replace(author=f"Ada {TOKEN}", refs=(f"refs/heads/{TOKEN}",))
    secret = SecretValue(TOKEN.encode())
    first = finding("leak", Severity.HIGH, place("a.py"), secret=secret, preview=secret.preview())
    other = finding(
        "other", Severity.HIGH, place(f"x/{TOKEN}.py", 7, known), note=f"key {TOKEN}", title=TOKEN
    )
    reason = f"is {TOKEN} and no more"
    return ScanResult(
        target=f"history of /srv/{TOKEN}",
        findings=(first, other),
        suppressed=(Suppressed(other, SuppressedBy.INLINE, reason),),
        skipped=(Skipped(f"{TOKEN}.png", SkipReason.BINARY, f"link to {TOKEN}"),),
        limits=(f"{TOKEN} was not fetched.",),
    )


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_form_has_a_value_in_a_name(form: str) -> None:
    options = RenderOptions(verbosity=2, show_suppressed=True, width=200)
    assert TOKEN in load(form).render(hostile_names(), options)
    text = load(form).render(redacted_result(hostile_names()), options)
    assert TOKEN not in text
    assert "***" in text


def test_places_stay_known() -> None:
    before, after = hostile_names(), redacted_result(hostile_names())
    (old,), (new,) = before.findings[1].locations, after.findings[1].locations
    assert isinstance(new, Location)
    assert new.path == "x/***.py"
    assert new._replace(path="", provenance=None) == old._replace(path="", provenance=None)
    assert [one.secret for one in after.findings] == [one.secret for one in before.findings]
    assert redacted_result(ScanResult(target=TOKEN)).target == TOKEN


def test_what_a_scan_has_found_is_hidden_in_what_is_said_afterwards() -> None:
    seen = SeenValues()
    assert seen.hidden(f"{TOKEN}: no such file") == f"{TOKEN}: no such file"
    seen.note(hostile_names())
    assert seen.hidden(f"{TOKEN}: no such file") == "***: no such file"
    seen.forget()
    assert seen.hidden(TOKEN) == TOKEN
