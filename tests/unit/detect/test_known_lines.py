"""What a detector remembers of lines changes nothing of what it says of them in another text."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.detect import pattern
from secopskit.detect.decode import Decoded, decode_percent
from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import Ruleset, ruleset_of
from secopskit.findings import Blob
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from support.cli import rules_cache
from support.rules import rule
from support.values import alnum, github_token

TOKEN, OTHER = alnum(40), github_token()
LONG = "x" * 500
LINES = (
    "",
    "}",
    "api_key =",
    f'    "{TOKEN}"',
    'password = "your-password-here"',
    f'password: "{TOKEN}"',
    f"token {OTHER} {LONG}",
    f'api_key = "" # {LONG}',
    f"q=%20%3D{quote(f'password = {TOKEN} & more', safe='')}",
    f"q=%20%3D{quote(f'token = {OTHER}', safe='')}{LONG}",
    f"q=%20%3D{quote('nothing of interest', safe='')}abcdefghijklmnop",
    f"q=%20%3D{quote('nothing', safe='')}{LONG}",
    f"-----BEGIN RSA PRIVATE KEY-----{LONG}",
)
PATHS = ("", "a.py", "config/database.yml", ".npmrc")
texts = st.tuples(st.lists(st.sampled_from(LINES), max_size=7).map("\n".join), st.sampled_from(PATHS))


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return Detectors.open(DetectorOptions(cache=str(rules_cache()))).ruleset


@given(seen=st.lists(texts, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_one_detector_for_many_texts_says_what_a_new_one_says(
    ruleset: Ruleset, seen: list[tuple[str, str]]
) -> None:
    one = PatternDetector(ruleset)
    for text, path in [*seen, *reversed(seen)]:
        blob = Blob(path, text.encode())
        assert list(one.detect(blob)) == list(PatternDetector(ruleset).detect(blob))


def test_a_line_in_which_nothing_is_encoded_is_decoded_once(
    ruleset: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = list[bytes]()

    def counted(line: bytes, start: int) -> Decoded | None:
        decoded.append(line)
        return decode_percent(line, start)

    monkeypatch.setattr(pattern, "decode_percent", counted)
    detector = PatternDetector(ruleset)
    idle, telling = LINES[-2].encode(), LINES[-5].encode()
    for number in range(3):
        assert not list(detector.detect(Blob("a", b"\n" * number + idle)))
        assert list(detector.detect(Blob("a", b"\n" * number + telling)))
    assert decoded.count(idle) == 1
    assert decoded.count(telling) == 3


def applying(pattern: str, **fields: object) -> PatternDetector:
    return PatternDetector(ruleset_of([rule(pattern, **fields)], engine="re"))


def test_an_encoded_line_is_another_one_in_a_file_of_another_name() -> None:
    detector, data = applying("tok_[a-z]{8}", path=r"\.npmrc$"), b"q=tok%5Fabcdefgh%20%3Dabcdefghijklmnopqrst"
    found = [len(list(detector.detect(Blob(path, data)))) for path in ("a", ".npmrc", "a", ".npmrc")]
    assert found == [0, 1, 0, 1]


def test_lines_of_which_a_part_was_judged_before_are_not_taken_for_idle() -> None:
    detector, data = applying(r"tok_[a-z]{8}\n[a-z]+", lines=2), b"tok_abcdefgh\nfgh tok_\n"
    first, second = (0, 4), (0, data.rfind(b"tok_") + 4)
    assert len(list(detector.confirm(Blob("a", data), [first, second]))) == 1
    assert len(list(detector.confirm(Blob("a", data), [second]))) == 1
