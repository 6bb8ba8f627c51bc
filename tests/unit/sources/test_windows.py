"""Large texts in parts: every match once, at its place in the whole, and no more memory than a part takes."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.sources.content import BINARY_HEAD
from secopskit.sources.windows import windows
from support.archives import gzipped, zipped

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


@pytest.mark.parametrize("behind", [gzipped(b"a text"), zipped({"a": b"b"})], ids=["gzip", "zip"])
def test_what_stands_behind_a_large_script_is_told_and_its_text_is_read(behind: bytes) -> None:
    script = b"#!/bin/sh\n" + b"# what unpacks it\n" * 1000
    *texts, last = windows("a.run", BytesIO(script + behind).read, size=SIZE, margin=MARGIN)
    assert isinstance(last, Skipped)
    assert last.reason is SkipReason.ARCHIVE
    assert "behind the script" in last.detail
    assert isinstance(texts[0], Blob)
    assert texts[0].data.startswith(b"#!/bin/sh\n# what")
    assert parts(script)


def test_a_large_archive_that_begins_with_a_text_is_no_text() -> None:
    data = zipped({"README": b"a line\n" * 3000, "b": b"c"}, zipfile.ZIP_STORED)
    assert list(windows("a.zip", BytesIO(data).read)) == [
        Skipped("a.zip", SkipReason.ARCHIVE, "it is larger than the size limit")
    ]
