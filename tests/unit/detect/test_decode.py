"""Encoded text is found, read and pointed at; noise is not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.detect.decode import MAX_RUN, Decoded, decode_percent, decode_run
from secopskit.findings import Blob, Span
from support.effort import costs_little
from support.engines import detectors, forgetful
from support.values import github_token

_words = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=16, max_size=80).map(
    str.encode
)
_strange = st.sampled_from([b"", b" ", b'"', b"x: ", b"\n", b"= "])


def _run(data: bytes, at: int) -> Decoded:
    decoded, settled = decode_run(data, at)
    assert decoded is not None
    assert settled == decoded.origins[-1]
    return decoded


@given(_words, _strange, st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
def test_base64_is_read_whole(text: bytes, before: bytes, encode: Callable[[bytes], bytes]) -> None:
    run = encode(text).rstrip(b"=")
    decoded = _run(before + run + b'"', len(before) + 3)
    assert decoded.encoding in ("base64", "hexadecimal")
    if decoded.encoding == "base64":
        assert decoded.text == text


@given(_words, _strange)
def test_hexadecimal_is_read_whole(text: bytes, before: bytes) -> None:
    decoded = _run(before + text.hex().encode() + b"'", len(before))
    assert decoded.text == text
    assert decoded.source(Span(2, 5)) == Span(len(before) + 4, len(before) + 10)


@given(_words, st.integers(0, 79), st.integers(1, 79))
def test_a_part_of_base64_is_pointed_at(text: bytes, start: int, length: int) -> None:
    start = min(start, len(text) - 1)
    end = min(start + length, len(text))
    run = base64.b64encode(text)
    span = _run(b"k=" + run, 4).source(Span(start, end))
    first = (span.start - 2) // 4 * 3
    around = base64.b64decode(run[(span.start - 2) // 4 * 4 : -(-(span.end - 2) // 4) * 4])
    assert text[start:end] in around
    assert first <= start


@given(st.binary(max_size=60), st.integers(0, 9))
def test_percent_encoding_is_read_and_pointed_at(data: bytes, start: int) -> None:
    line = quote(data, safe="").encode()
    decoded = decode_percent(line, start)
    if b"%" not in line:
        assert decoded is None
        return
    assert decoded is not None
    assert decoded.text == data
    assert decoded.source(Span(0, len(data))) == Span(start, start + len(line))
    assert len(decoded.origins) == len(data) + 1


@pytest.mark.parametrize("noise", [bytes(range(128, 255)) * 3, b"\0" * 60])
def test_noise_is_no_text(noise: bytes) -> None:
    for run in (base64.b64encode(noise), noise.hex().encode()):
        decoded, settled = decode_run(run, 5)
        assert decoded is None
        assert settled == len(run)


@pytest.mark.parametrize("data", [b"", b"abc", b"a b c d e f g h", b"!" * 30])
def test_what_is_too_short_is_left_alone(data: bytes) -> None:
    decoded, settled = decode_run(data, min(5, len(data)))
    assert decoded is None
    assert settled <= len(data)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_and_any_offset(data: bytes, at: int) -> None:
    at = min(at, len(data))
    decoded, settled = decode_run(data, at)
    assert 0 <= settled <= len(data)
    if decoded:
        assert len(decoded.origins) == len(decoded.text) + 1
        assert list(decoded.origins) == sorted(decoded.origins)
        assert 0 <= decoded.origins[0] <= decoded.origins[-1] <= len(data)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_layers_are_opened_to_a_small_depth(layers: int) -> None:
    text = f"key: {github_token()}".encode()
    for _ in range(layers):
        text = b"password " + base64.b64encode(text) + b" "  # the word is what an encoded layer is known by
    found = {match.rule_id for match in detectors("auto").pattern.detect(Blob(path="a", data=text))}
    assert ("github-pat" in found) is (layers <= 2)


def test_a_secret_in_a_very_long_run_is_found() -> None:
    text = b"lorem ipsum " * MAX_RUN + f"\nkey: {github_token()}\n".encode() + b"dolor sit " * MAX_RUN
    found = list(detectors("auto").pattern.detect(Blob(path="a", data=base64.b64encode(text))))
    assert "github-pat" in {match.rule_id for match in found}


@pytest.mark.parametrize("before", [0, 1, MAX_RUN, MAX_RUN + 1, 3 * MAX_RUN + 1])
@pytest.mark.parametrize("encode", [bytes.hex, quote], ids=["hexadecimal", "percent-encoding"])
def test_a_secret_at_the_end_of_a_very_long_line_is_found(
    before: int, encode: Callable[[bytes], str]
) -> None:
    text = b"lorem ipsum dolor " * (before // 18 + 1)
    data = (encode(text[:before]) + encode(f"\nkey: {github_token()}\n".encode())).encode()
    for shift in range(2 if encode is bytes.hex else 1):
        found = list(detectors("auto").pattern.detect(Blob(path="a", data=b"a" * shift + data)))
        assert "github-pat" in {match.rule_id for match in found}


@pytest.mark.parametrize("separator", [b"", b" ", b"/"])
def test_a_line_full_of_signs_takes_no_longer_than_its_length(separator: bytes) -> None:
    sign = base64.b64encode(b"xxxghp_xxx")[4:9]
    data = (sign + b"/////w" + separator) * (1_000_000 // 11)
    costs_little(lambda: list(forgetful("auto").pattern.detect(Blob(path="a", data=data))), 20)


@pytest.mark.parametrize("size", range(12, 40))
def test_a_decoded_text_comes_from_all_of_its_run(size: int) -> None:
    text = b"all of this is a text to be read"[:size].ljust(size, b".")
    run = base64.b64encode(text).rstrip(b"=")
    decoded, end = decode_run(b"x: " + run + b" y", 5)
    assert decoded is not None
    assert decoded.text == text
    assert decoded.source(Span(0, size)) == Span(3, 3 + len(run))
    assert end == 3 + len(run)
    assert [decoded.origins[at] - 3 for at in range(0, size + 1, 3)][:4] == [0, 4, 8, 12]


@pytest.mark.parametrize("share", [0.09, 0.11])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("size", [300, 3000, 30_000])
def test_how_much_of_it_reads_as_text_counts_and_not_where(size: int, share: float, first: bool) -> None:
    odd, text = b"\xfe" * int(size * share), b"x" * (size - int(size * share))
    run = base64.b64encode(odd + text if first else text + odd)
    decoded, _ = decode_run(run, len(run) // 2)
    assert (decoded is not None) == (share < 0.1)
