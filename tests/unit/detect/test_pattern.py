"""The pattern detector: which bytes a rule calls the secret, and where a match is looked for."""

from __future__ import annotations

import pytest

from secopskit.detect.long_lines import LONG_LINE
from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import Ruleset, ruleset_of
from secopskit.detect.value.filters import FILTERS
from secopskit.findings import Blob, Confidence, Match, Span
from secopskit.rules.model import Rule
from secopskit.scan.content.occurrence import Occurrence, occurrences
from secopskit.secret import SecretValue
from support.effort import costs_little
from support.engines import forgetful
from support.rules import rule

ENGINES = ("hyperscan", "re")


def ruleset(*rules: Rule, engine: str = "auto") -> Ruleset:
    return ruleset_of(rules, engine=engine)


def secrets(one: Rule, data: bytes, *, path: str = "a", engine: str = "auto") -> list[bytes]:
    detector = PatternDetector(ruleset(one, engine=engine))
    return [m.secret.reveal() for m in detector.detect(Blob(path=path, data=data)) if m.secret]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("tok_[a-z]{4}", b"tok_abcd"), ("tok_([a-z]{4})", b"abcd"), ("(tok)_(?P<secret>[a-z]{4})", b"abcd")],
)
def test_the_secret_is_a_named_group_or_the_first_or_all(engine: str, pattern: str, expected: bytes) -> None:
    if engine == "hyperscan":
        pytest.importorskip("hyperscan")
    assert secrets(rule(pattern), b"x = tok_abcd;", engine=engine) == [expected]


def test_a_value_ends_where_a_word_ends() -> None:
    assert not secrets(rule("tok_[a-z]{4}"), b"tok_abcde")
    assert not secrets(rule("tok_[a-z]{4}"), b"0tok_abcd")
    assert secrets(rule("tok_[a-z]{4}", boundary=False), b"0tok_abcde")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"", b"\n\n\n"])
def test_lines_of_all_kinds(end: bytes) -> None:
    data = b"\n".join([b"", b"tok_aaaa", b"", b"tok_bbbb tok_cccc"]) + end
    assert secrets(rule("tok_[a-z]{4}"), data) == [b"tok_aaaa", b"tok_bbbb", b"tok_cccc"]


def test_a_match_stays_on_its_line_unless_the_rule_says_otherwise() -> None:
    data = b"tok_\nabcd"
    assert not secrets(rule(r"tok_\s[a-z]{4}"), data)
    assert secrets(rule(r"tok_\s[a-z]{4}", multiline=True), data) == [data]


def test_entropy_and_path() -> None:
    assert not secrets(rule("tok_([a-z]{8})", entropy=2.0), b"tok_aaaaaaaa")
    assert secrets(rule("tok_([a-z]{8})", entropy=2.0), b"tok_abcdefgh")
    only_rc = rule("tok_[a-z]{4}", path=r"(?:^|/)\.rc$")
    assert secrets(only_rc, b"tok_abcd", path="home/.rc")
    assert not secrets(only_rc, b"tok_abcd", path="home/rc")


def test_an_empty_secret_is_none() -> None:
    assert not secrets(rule("token_([a-z]{0,9})", boundary=False), b"token_")


# --- what stays where matches overlap ---------------------------------------------------------


def settled(data: bytes, *matches: Match) -> list[Occurrence]:
    rules = (rule("aaa"), rule("bbb", id="other", confidence=Confidence.LOW))
    return list(occurrences(Blob(path="a", data=data), matches, ruleset(*rules)))


def match(start: int, end: int, rule_id: str = "test-rule", secret: bytes | None = b"x") -> Match:
    return Match(
        rule_id=rule_id, span=Span(start, end), secret=None if secret is None else SecretValue(secret)
    )


def test_the_surest_of_overlapping_matches_stays() -> None:
    data = b"0123456789"
    kept = settled(data, match(0, 5, "other"), match(4, 6), match(5, 8, "other"), match(8, 9, "other"))
    assert [(s.rule_id, s.column) for s in kept] == [("test-rule", 5), ("other", 9)]


def test_neighbours_do_not_overlap() -> None:
    assert len(settled(b"0123456789", match(0, 5), match(5, 9))) == 2


def test_a_match_about_a_place_stays_beside_others() -> None:
    assert len(settled(b"0123456789", match(0, 5, secret=None), match(0, 5))) == 2


def test_lines_and_columns() -> None:
    data = b"one\ntwo three\nfour\nfive"
    kept = settled(data, match(0, 3), match(8, 13), match(14, 23), match(4, 7))
    assert [(s.line, s.column, s.end_line, s.end_column) for s in kept] == [
        (1, 1, 1, 4),
        (2, 1, 2, 4),
        (2, 5, 2, 10),
        (3, 1, 4, 5),
    ]


def test_a_place_does_not_tell_of_another_secret() -> None:
    def key(first: bytes) -> str:
        data = first + b":tail"
        return settled(data, match(0, len(first)), match(len(first) + 1, len(data)))[1].key_digest

    assert key(b"hunter2") == key(b"swordfish")


def test_a_line_full_of_matches_takes_no_longer_than_its_length() -> None:
    data = b" ".join(b"AKIA" + bytes(65 + (n >> s & 15) for s in range(0, 64, 4)) for n in range(40_000))
    costs_little(lambda: list(forgetful("auto").examine(Blob(path="a.env", data=data))), 30)


def test_a_line_is_judged_by_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the lines around it, nor what was scanned before, decide about a line."""
    monkeypatch.setitem(
        FILTERS, "told-to-drop", lambda _secret, line: "is told to" if b"drop" in line else ""
    )
    acme = rule("acme_[a-z]{8}", filters=("told-to-drop",))
    detector = PatternDetector(ruleset(acme, engine="re"))
    beside = Blob(path="a", data=b"drop\nacme_abcdefgh\ndrop\n")
    assert len(list(detector.detect(beside))) == 1
    assert not list(detector.detect(Blob(path="a", data=b"drop acme_abcdefgh\n")))
    assert len(list(detector.detect(Blob(path="b", data=b"acme_abcdefgh\n")))) == 1


@pytest.mark.parametrize("lines", [1, 3])
def test_a_line_that_was_judged_before_has_the_same_matches_wherever_it_stands(lines: int) -> None:
    acme = rule("acme=\\s{0,4}(?P<secret>[a-z]{8})", lines=lines)
    detector = PatternDetector(ruleset(acme, engine="re"))
    text = b"acme=abcdefgh acme=hgfedcba\nb\nc\n"
    for before in (b"", b"x\ny\n", b"acme=\n"):
        data = before + text
        found = list(detector.detect(Blob(path="a", data=data)))
        assert [match.secret and match.secret.reveal() for match in found] == [b"abcdefgh", b"hgfedcba"]
        assert [data[slice(*match.span)] for match in found] == [b"abcdefgh", b"hgfedcba"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_keyword_may_stand_anywhere_on_a_long_line(engine: str) -> None:
    """Its place says nothing of where a match begins."""
    if engine == "hyperscan":
        pytest.importorskip("hyperscan")
    line = b"acme " + b"x=y;" * LONG_LINE + b"123456"
    assert secrets(rule("[0-9]{6}", keywords=("acme",)), line, engine=engine) == [b"123456"]
