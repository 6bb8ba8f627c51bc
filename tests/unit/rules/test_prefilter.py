"""What the prefilter looks for is in every match: it only ever drops conditions."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secopskit.detect.anchors import PERCENT
from secopskit.detect.derived_anchors import anchors_for, encoded_forms
from secopskit.detect.structure import HINTS
from secopskit.rules.loosened import MAX_WIDTH, loosened, reach, width
from secopskit.rules.model import Rule
from secopskit.rules.required import MIN_LITERAL, literals, sharp_literals
from support.engines import rules

_CHARACTERS = st.sampled_from(
    ["a", "b", "k", "Z", "0", "7", "_", r"\-", r"\.", ":", "=", " ", r"\x0b", r"\n"]
)
_SETS = st.sampled_from(
    ["[a-f]", "[^x]", r"\w", r"\s", r"\S", r"[^\s]", r"\d", ".", "[ab]", "[-_]", r"[\s=]", "[^0-9a-z]"]
)
_WORDS = st.sampled_from(["key", "token", "sk_live_", "Secret", "AKIA", "glpat-"])
_LOOKS = st.sampled_from([r"\b", "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])", "(?=[a-z0-9])", "^", "$", "(?!x)"])


def _groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    times = st.sampled_from(["?", "{0,3}", "{2}", "{1,4}", "{2,5}?", "{3}+"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.builds(lambda part, n: f"(?:{part}){n}", inner, times),
        inner.map(lambda part: f"({part})"),
        inner.map(lambda part: f"(?i:{part})"),
        inner.map(lambda part: f"(?s:{part})"),
        inner.map(lambda part: f"(?>{part})"),
    )


_EXPRESSIONS = st.recursive(st.one_of(_CHARACTERS, _SETS, _WORDS, _LOOKS), _groups, max_leaves=12)


@st.composite
def _expression_and_text(draw: st.DrawFn) -> tuple[str, bytes]:
    """An expression, and a text that has good chances to match it."""
    expression = draw(_EXPRESSIONS)
    loose = re.sub(r"\(\?[<!=]{1,2}[^)]*\)|\\b|\^|\$", "", expression)
    try:
        text = draw(st.from_regex(re.compile(loose.encode()), fullmatch=True))
    except (re.error, NotImplementedError):
        text = b""
    around = st.binary(max_size=3)
    return expression, draw(around) + text + draw(around)


def _match(expression: str, text: bytes) -> re.Match[bytes]:
    try:
        found = re.compile(expression.encode()).search(text)
    except re.error:
        found = None
    assume(found is not None)
    assert found is not None
    return found


@settings(max_examples=300)
@given(_expression_and_text())
def test_the_loosened_pattern_matches_within_every_match(given_: tuple[str, bytes]) -> None:
    expression, text = given_
    found = _match(expression, text)
    assert re.search(loosened(expression).encode(), text[found.start() : found.end()])


@settings(max_examples=300)
@given(_expression_and_text())
def test_a_match_begins_within_reach_of_the_end_of_a_loosened_one(given_: tuple[str, bytes]) -> None:
    expression, text = given_
    start, end = _match(expression, text).span()
    assume(end - start < 60)
    loose = re.compile(loosened(expression).encode())
    ends = range(start + 1, min(end, start + reach(expression)) + 1)
    assert any(loose.fullmatch(text, begin, stop) for stop in ends for begin in range(start, stop)) or (
        loose.fullmatch(b"")
    )


@pytest.mark.parametrize(
    ("expression", "bytes_before"),
    [
        ("key=[0-9]{3,9}", 7),
        ("[a-z]{2,20}=x", 22),
        ("a?(?:b{0,3}c)?key", 8),
        ("(?:x{0,10}yy|zz)key", 15),
        (r"(?<![a-z])(?i:(?:a|bcd){1,2}_)x", 8),
    ],
)
def test_the_reach_counts_what_the_loosened_pattern_leaves_out(expression: str, bytes_before: int) -> None:
    assert reach(expression) == bytes_before


@settings(max_examples=300)
@given(_expression_and_text())
def test_every_match_contains_a_literal(given_: tuple[str, bytes]) -> None:
    expression, text = given_
    matched = _match(expression, text)[0]
    if loose := literals(expression):
        assert min(map(len, loose)) >= MIN_LITERAL
        assert any(literal in matched.lower() for literal in loose)
    if sharp := sharp_literals(expression):
        assert any(literal in matched for literal in sharp)


def test_literals_are_found_where_people_look_for_them() -> None:
    assert literals("ghp_[A-Za-z0-9]{36}") == {b"ghp_"}
    assert literals("(?:sk|rk)_(?:live|test)_[a-z]{9}") == {
        b"sk_live_",
        b"sk_test_",
        b"rk_live_",
        b"rk_test_",
    }
    assert literals("(?i:heroku).{0,9}[0-9a-f]{8}") == {b"heroku"}
    assert literals("[a-z]{20}") == frozenset()
    assert sharp_literals("(?i:heroku)[0-9a-f]{8}") == frozenset()
    assert sharp_literals("AKIA[A-Z2-7]{16}") == {b"AKIA"}


def test_a_dot_that_matches_newlines_still_does() -> None:
    assert re.search(loosened("begin(?s:.)end").encode(), b"begin\nend")


def test_a_back_reference_is_refused() -> None:
    with pytest.raises(re.error):
        loosened(r"(a)b\1")


@pytest.mark.parametrize("rule", [r for r in rules() if r.pattern], ids=lambda rule: rule.id)
def test_every_rule_can_be_prefiltered(rule: Rule) -> None:
    assert literals(rule.expression)
    re.compile(loosened(rule.expression).encode())


@given(st.binary(min_size=4, max_size=12), st.binary(max_size=9), st.binary(max_size=9))
def test_an_encoded_literal_is_recognised_wherever_it_stands(
    literal: bytes, before: bytes, after: bytes
) -> None:
    forms = set(encoded_forms(literal))
    text = before + literal + after
    for encoded in (
        base64.b64encode(text),
        base64.urlsafe_b64encode(text),
        text.hex().encode(),
        text.hex().upper().encode(),
    ):
        assert any(form in encoded for form in forms)


def test_the_anchors_cover_every_rule_of_the_set() -> None:
    anchors = anchors_for(rules(), ("hint", "other"))
    numbers = {number for number, _ in anchors.patterns}
    wanted = {number for number, rule in enumerate(rules()) if rule.pattern}
    assert wanted | {anchors.hint, anchors.hint + 1, anchors.encoded, anchors.percent} == numbers
    assert anchors.signs([0, anchors.percent]) == 0
    assert anchors.signs([0, anchors.hint + 1]) == 2
    assert anchors.widest == max(width(pattern) for _, pattern in anchors.patterns)
    # A wider one, or one of no width, makes the reader of packs search more, or leave all to git.
    assert 64 < anchors.widest <= MAX_WIDTH
    assert max(map(width, HINTS)) <= MAX_WIDTH


@pytest.mark.parametrize("sign", ["%3A", "%3d", "%20", "%2F", "%40", "%22"])
def test_percent_encoded_text_has_a_literal_sign(sign: str) -> None:
    assert re.search(PERCENT, sign + "a" * 16)
    assert any(literal.decode() == sign.lower() for literal, _ in anchors_for((), ()).caseless)
