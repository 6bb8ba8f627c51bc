"""Both engines find the same: what Hyperscan points at and what plain search points at come to one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeAlias
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.detect.long_lines import LONG_LINE
from secopskit.findings import Blob, Span
from secopskit.secret import SecretValue
from support.effort import untraced
from support.engines import detectors, examples

pytestmark = pytest.mark.skipif(find_spec("hyperscan") is None, reason="there is only one engine here")

Found: TypeAlias = set[tuple[str, Span, SecretValue | None, str]]

_ENCODERS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    bytes,
    bytes.upper,
    base64.b64encode,
    base64.urlsafe_b64encode,
    lambda data: data.hex().encode(),
    lambda data: data.hex().upper().encode(),
    lambda data: quote(data, safe="").encode(),
    lambda data: quote(base64.b64encode(data), safe="").encode(),
    lambda data: base64.b64encode(base64.b64encode(data)),
    lambda data: data.decode("utf-8", "replace").encode("unicode_escape"),
)
_JOINS = (
    b"\n",
    b"\r\n",
    b"",
    b" ",
    b"\t",
    b"\x0b",
    b"\x0c",
    b"\0",
    b'"',
    b"=",
    b"\\n",
    b"\n\n",
    b"\r",
    b"%0A",
    b"/",
)


def _found(engine: str, blob: Blob) -> Found:
    matches = detectors(engine).pattern.detect(blob)
    return {(match.rule_id, match.span, match.secret, match.note) for match in matches}


def _same(blob: Blob) -> None:
    with untraced():  # other tests tell what is covered
        with_hyperscan, without = _found("hyperscan", blob), _found("re", blob)
        one, other = ({repr(s) for s in detectors(engine).examine(blob)} for engine in ("hyperscan", "re"))
    difference = {(rule, tuple(span), note) for rule, span, _, note in with_hyperscan ^ without}
    assert with_hyperscan == without, f"one engine alone finds {difference}"
    assert one == other


@st.composite
def _piece(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from(examples())).data
    low = draw(st.just(0) | st.integers(0, len(data)))
    high = draw(st.just(len(data)) | st.integers(low, len(data)))
    return draw(st.sampled_from(_ENCODERS))(data[low:high])


@st.composite
def _text(draw: st.DrawFn) -> bytes:
    pieces = draw(st.lists(_piece() | _piece() | st.binary(max_size=30), max_size=6))
    return b"".join(piece + draw(st.sampled_from(_JOINS)) for piece in pieces)


_paths = st.sampled_from(
    sorted({e.path for e in examples()} | {"a.py", ".env", "app.yml", "x/settings.ini", ""})
)


@given(data=_text(), path=_paths)
def test_the_engines_agree_on_joined_and_encoded_examples(data: bytes, path: str) -> None:
    _same(Blob(path=path, data=data))


def test_the_engines_agree_on_examples_for_files_of_certain_names() -> None:
    for example in examples():
        if example.path != "example.txt":
            _same(Blob(path=example.path, data=example.data))


@pytest.mark.parametrize(("join", "share"), [(b"\n", 1), (b"\r\n", 5), (b" ", 7), (b"", 7)])
def test_the_engines_agree_on_many_examples_at_once(join: bytes, share: int) -> None:
    some = examples()[len(join) :: share]
    _same(Blob(path="all.txt", data=join.join(example.data for example in some)))


@pytest.mark.parametrize(("turn", "between"), enumerate([b" ", b"x=1;", b"a:", b"'\"", b"key("]))
def test_the_engines_agree_on_long_lines(turn: int, between: bytes) -> None:
    """One looks near what it was told of alone, the other looks through all of a line."""
    filler = between * (LONG_LINE // len(between))
    for share in range(24 * turn, len(examples()), 120):
        first, *rest = (example.data.replace(b"\n", b" ") for example in examples()[share : share + 3])
        _same(Blob(path="all.js", data=first + filler.join(rest) + b"\n" + filler + first))


@pytest.mark.parametrize("encode", _ENCODERS[2:], ids=range(len(_ENCODERS) - 2))
def test_the_engines_agree_on_encoded_examples(encode: Callable[[bytes], bytes]) -> None:
    some = examples()[_ENCODERS.index(encode) :: 2 * len(_ENCODERS)]  # each encoder has its own share
    lines = (b"value: '" + encode(example.data) + b"'" for example in some)
    _same(Blob(path="all.txt", data=b"\n".join(lines)))


@pytest.mark.parametrize("engine", ["hyperscan", "re"])
def test_an_encoded_token_is_found_and_pointed_at(engine: str) -> None:
    example = next(e for e in examples() if e.rule.id == "github-pat")
    run = base64.b64encode(example.data)
    (found,) = (s for s in _found(engine, Blob(path="a", data=b"x: " + run)) if s[0] == "github-pat")
    _, span, secret, note = found
    assert secret is not None
    assert note == "decoded from base64"
    assert secret.reveal() in base64.b64decode(run[(span.start - 3) // 4 * 4 :])


def test_every_rule_gives_both_engines_something_to_look_for() -> None:
    anchors = detectors("re").ruleset.anchors
    covered = {number for _, numbers in anchors.caseless for number in numbers}
    ruleset = detectors("re").ruleset
    lost = [
        r.id for n in range(len(ruleset)) if (r := ruleset[n]).kind.value == "pattern" and n not in covered
    ]
    assert not lost
