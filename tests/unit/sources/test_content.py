"""What is a text and what is not: a few NUL bytes hide nothing, and binaries stay what they are."""

from __future__ import annotations

import codecs
import gzip
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.sources.content import BINARY_HEAD, as_blob, is_media, text_encoding
from support.archives import gzipped, zipped
from support.values import alnum

TEXT = "".join(f"name_{number} = '{alnum(12)}'  # größer\n" for number in range(40))
MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def test_stray_nuls_become_spaces() -> None:
    data = bytearray(TEXT.encode())
    for place in (0, 77, 300):
        data[place : place + 1] = b"\0"
    blob = as_blob("a.py", bytes(data))
    assert isinstance(blob, Blob)
    assert blob.data == bytes(data).replace(b"\0", b" ")


@pytest.mark.parametrize("size", [4000, BINARY_HEAD, 20_000])
def test_an_archive_that_begins_with_a_long_text_is_one(size: int) -> None:
    data = zipped({"README": b"a line of text\n" * (size // 15), "conf/.env": b"A=1"}, zipfile.ZIP_STORED)
    blob = as_blob("a.zip", data, binaries=True)
    assert isinstance(blob, Blob)
    assert blob.binary
    assert blob.data == data
    assert as_blob("a.zip", data) == Skipped("a.zip", SkipReason.BINARY)
    assert text_encoding(data[:BINARY_HEAD]) is None


def test_a_script_is_a_text_unless_an_archive_stands_behind_it() -> None:
    script = b"#!/bin/sh\n# caf\xe9\n" + b"# what unpacks it\n" * 1000
    for data in (script, script + b"\0\1\2"):
        assert as_blob("a.run", data, binaries=True) == Blob("a.run", data)
    whole = script + gzipped(b"a text")
    assert as_blob("a.run", whole, binaries=True) == Blob("a.run", whole, binary=True)
    assert as_blob("a.run", whole) == Blob("a.run", whole)


@pytest.mark.parametrize(
    "data",
    [f"token = {alnum(20)}\n\0".encode(), b"\0".join(f"KEY_{n}={alnum(9)}".encode() for n in range(30))],
    ids=["short", "list"],
)
def test_a_short_text_and_a_list_with_nuls_between(data: bytes) -> None:
    assert isinstance(as_blob("env", data), Blob)


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("cut", [0, 1])
def test_wide_text(encoding: str, marked: bool, cut: int) -> None:
    data = (MARKS[encoding] if marked else b"") + TEXT.encode(encoding)
    blob = as_blob("a.ps1", data[: len(data) - cut])
    assert isinstance(blob, Blob)
    assert blob.data == (TEXT[:-1] if cut else TEXT).encode()


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(range(40)) + zlib.compress(TEXT.encode())
SQLITE = b"SQLite format 3\0" + b"\x10\0\x01\x01\0\x40\x20\x20" + bytes(4000) + TEXT.encode()
PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<24Q", *range(24)) + TEXT.encode()[:600]


@pytest.mark.parametrize(
    "data",
    [b"\0", b"\0\1", b"\x89\0PNG", b"\0" * 64, PNG, SQLITE, PROGRAM, gzip.compress(TEXT.encode()) + b"\0"],
    ids=range(8),
)
def test_media_are_what_is_skipped_whatever_follows(data: bytes) -> None:
    for rest in (b"", b"\0" * 9000, TEXT.encode() * 900, gzip.compress(TEXT.encode() * 99)):
        whole = data + rest
        if is_media(whole[:BINARY_HEAD]):
            assert as_blob("x", whole, binaries=True) == Skipped("x", SkipReason.BINARY)
            assert as_blob("x", whole[:BINARY_HEAD], binaries=True) == Skipped("x", SkipReason.BINARY)


@pytest.mark.parametrize("start", [PNG, b"\xff\xd8\xff\0\x10JFIF" + bytes(range(99)), b"wOF2" + bytes(60)])
def test_pictures_and_fonts_are_media(start: bytes) -> None:
    assert is_media(start + bytes(range(256)) * 20)


@pytest.mark.parametrize(
    "start",
    [b"GIF8 is a format\n", b"\x89PNG", SQLITE, "RIFF raff".encode("utf-16-le"), b"ID3\n" * 100 + b"\0"],
)
def test_texts_and_other_content_are_no_media(start: bytes) -> None:
    assert not is_media(start)


@given(st.sampled_from([PNG, b"RIFF", b"\0\0\1\0", b"\0\1\0\0", b"GIF8", b""]), st.binary(max_size=300))
def test_whatever_is_media_is_skipped(start: bytes, rest: bytes) -> None:
    data = start + rest * 40
    if is_media(data[:BINARY_HEAD]):
        assert as_blob("x", data, binaries=True) == Skipped("x", SkipReason.BINARY)


@pytest.mark.parametrize(
    "data",
    [b"\0", b"\0\1", b"\x89\0PNG", b"\0" * 64, PNG, SQLITE, PROGRAM, gzip.compress(TEXT.encode()) + b"\0"],
    ids=range(8),
)
def test_a_binary_is_said(data: bytes) -> None:
    assert as_blob("x", data) == Skipped("x", SkipReason.BINARY)
