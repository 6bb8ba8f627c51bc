"""Large texts in parts: every match once, at its place in the whole, and no more memory than a part takes."""

from __future__ import annotations

from io import BytesIO

import pytest

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.sources.content import BINARY_HEAD
from secopskit.sources.windows import windows

SIZE, MARGIN = 400, 40


def parts(data: bytes) -> list[Blob]:
    found = list(windows("big", BytesIO(data).read, size=SIZE, margin=MARGIN))
    assert all(isinstance(one, Blob) and one.part for one in found)
    return [one for one in found if isinstance(one, Blob)]


@pytest.mark.parametrize("ends", [b"\n", b""])
@pytest.mark.parametrize("length", [0, 7999, 8001, 8041, 20_011])
def test_parts_own_each_byte_once_and_know_where_they_stand(length: int, ends: bytes) -> None:
    data = b"".join(b"%d %s" % (number, ends) for number in range(length))[:length]
    own = b""
    for blob in parts(data):
        part = blob.part
        assert part
        assert len(blob.data) <= BINARY_HEAD + SIZE
        start = len(own) - part.start
        assert data[start:].startswith(blob.data)
        before = data[:start]
        assert (part.line, part.column) == (before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        assert part.start == 0 or part.start >= MARGIN
        assert start + part.end == len(data) or len(blob.data) - part.end >= MARGIN
        own += blob.data[part.start : part.end]
    assert own == data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32-le"])
def test_encodings_and_stray_nuls(encoding: str) -> None:
    text = "".join(f"line {number} größer\n" for number in range(700))
    found = parts(text.encode(encoding))
    assert b"".join(one.data[one.part.start : one.part.end] for one in found if one.part) == text.encode()
    assert parts(b"a\0" + b"b" * 9000)[0].data.startswith(b"a b")


def test_a_large_binary_is_said() -> None:
    (only,) = windows("big", BytesIO(bytes(range(256)) * 99).read)
    assert only == Skipped("big", SkipReason.BINARY)
