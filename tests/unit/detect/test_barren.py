"""Hits that come to nothing: what is noted of them stands for nothing in any other text, too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.detect import witness
from secopskit.detect.barren import BarrenHits
from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Blob, Match
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from support.cli import rules_cache
from support.values import alnum, github_token

TOKEN = alnum(40)
LINES = (
    b"",
    b"all is well",
    b'api_key = "' + b"a" * 36 + b'"',
    b'password="example-password-1"',
    b'password = "your-password-here"',
    b'password: "' + TOKEN.encode() + b'"',
    b"api_key =",
    b'    "' + TOKEN.encode() + b'"',
    b'api_key = "" # ' + b"x" * 300,
    b"url: https://user:${PASSWORD}@db.acme.test/shop",
    b"token " + github_token().encode(),
)
FARTHEST = 960


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return Detectors.open(DetectorOptions(cache=str(rules_cache()))).ruleset


def confirmed(ruleset: Ruleset, data: bytes, barren: BarrenHits | None = None) -> list[Match]:
    hits = ruleset.prefilter.scan(data)
    return list(PatternDetector(ruleset).confirm(Blob("", data), hits, barren))


texts = st.lists(st.sampled_from(LINES), max_size=8).map(b"\n".join)


@given(text=texts, before=texts, behind=texts)
@settings(max_examples=150, deadline=None)
def test_what_is_barren_is_so_wherever_it_stands(
    ruleset: Ruleset, text: bytes, before: bytes, behind: bytes
) -> None:
    barren = BarrenHits(FARTHEST)
    assert confirmed(ruleset, text, barren) == confirmed(ruleset, text)
    for number, end, back, on in barren.hits:
        start, stop = end - back + 1, end + on - 1
        assert text[start - 1 : start] in (b"", b"\n")
        assert text[stop : stop + 1] in (b"", b"\n")
        moved = before + b"\n" + text[start:stop] + b"\n" + behind
        line = moved.count(b"\n", 0, len(before) + 1 + end - start - 1)
        own = [one for one in confirmed(ruleset, moved) if one.rule_id == ruleset[number].id]
        assert line not in {moved.count(b"\n", 0, one.span.start) for one in own}


def test_all_hits_of_a_line_are_noted_unless_they_are_too_far_away(ruleset: Ruleset) -> None:
    data = b"\n\n" + b", ".join([b'password="example-password-1"'] * 3) + b"\n\n"
    hits = [hit for hit in ruleset.prefilter.scan(data) if hit[0] < ruleset.anchors.rules]
    barren, near = BarrenHits(FARTHEST), BarrenHits(60)
    assert confirmed(ruleset, data, barren) == confirmed(ruleset, data, near) == []
    assert {(number, end) for number, end, *_ in barren.hits} == set(hits)
    assert near.hits == [hit for hit in barren.hits if max(hit[2:]) <= 60]
    assert 0 < len(near.hits) < len(barren.hits)


def test_what_counts_is_not_barren(ruleset: Ruleset) -> None:
    barren = BarrenHits(FARTHEST)
    found = confirmed(ruleset, LINES[-1], barren)
    numbers = {number for number, *_ in barren.hits}
    assert found
    assert {ruleset[number].id for number in numbers}.isdisjoint(one.rule_id for one in found)


def test_who_wants_to_be_told_of_everything_is_not_spared_anything(ruleset: Ruleset) -> None:
    barren = BarrenHits(FARTHEST)
    with witness.witnessed(lambda _: None):
        assert confirmed(ruleset, LINES[2], barren) == []
    assert barren.hits == []
    confirmed(ruleset, LINES[2], barren)
    assert barren.hits


def test_a_rule_for_files_of_certain_names_has_not_said_anything(ruleset: Ruleset) -> None:
    data = b"_password = abcdefghij\n"
    barren, for_names = BarrenHits(FARTHEST), ruleset.numbers_with_path
    hits = ruleset.prefilter.scan(data)
    list(PatternDetector(ruleset).confirm(Blob("", data), hits, barren))
    assert not for_names.isdisjoint(number for number, _ in hits)
    assert for_names.isdisjoint(number for number, *_ in barren.hits)
