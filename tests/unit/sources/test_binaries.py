"""Archives as blobs of their members, within bounds, and keystores as they are."""

from __future__ import annotations

import lzma

import pytest

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats.archives.member_paths import NAMELESS, file_of, outer_paths, placed
from secopskit.formats.archives.parts import ArchiveBounds
from secopskit.sources.binaries import archive_bounds, contents, new_member_lines
from secopskit.sources.content import as_blob
from support.archives import every_kind, gzipped, tarred, zipped

BOUNDS = archive_bounds(1 << 20)
KEYSTORE = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + bytes(60)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def archive(data: bytes, path: str = "a.zip") -> Blob:
    made = as_blob(path, data, binaries=True)
    assert isinstance(made, Blob)
    assert made.binary
    return made


def told(data: bytes, path: str = "a.zip", bounds: ArchiveBounds | None = BOUNDS) -> list[Blob | Skipped]:
    return list(contents(archive(data, path), bounds))


def paths(items: list[Blob | Skipped]) -> list[str]:
    return [item.path for item in items if isinstance(item, Blob)]


@pytest.mark.parametrize(("name", "data"), every_kind("conf/.env", b"A=1\n").items())
def test_a_member_is_a_blob_of_its_own(name: str, data: bytes) -> None:
    found = [item for item in told(data, name) if isinstance(item, Blob) and item.data == b"A=1\n"]
    assert [item.member.rpartition("/")[2] for item in found] == [".env"]
    assert found[0].path.startswith(f"{name}!")


def test_names_lead_through_archives_in_archives() -> None:
    inner = zipped({"c.env": b"A=1"})
    assert paths(told(zipped({"b.jar": inner, "x": b"y"}))) == ["a.zip!b.jar!c.env", "a.zip!x"]


def test_what_is_not_opened_is_told_with_its_reason() -> None:
    (sealed,) = told(b"7z\xbc\xaf\x27\x1c\0\4" + bytes(64), "x.7z")
    assert sealed == Skipped("x.7z", SkipReason.ARCHIVE, "7z: this kind of archive is not opened")
    encrypted = bytearray(zipped({"secret.txt": b"text"}))
    encrypted[6] |= 1
    assert told(bytes(encrypted)) == [Skipped("a.zip!secret.txt", SkipReason.ARCHIVE, "it is encrypted")]
    whole = zipped({"a": b"x" * 3000, "b": b"y"})
    few = told(whole, bounds=ArchiveBounds(members=1))
    assert few[-1] == Skipped("a.zip", SkipReason.ARCHIVE, "it has more than 1 members")
    short = told(whole, bounds=ArchiveBounds(member=1000))
    assert any(item.path == "a.zip!a" and isinstance(item, Skipped) for item in short)


def test_of_many_members_that_cannot_be_read_some_are_named() -> None:
    data = bytearray(zipped({f"{number}": b"x" for number in range(50)}))
    at = data.find(b"PK\3\4")
    while at >= 0:
        data[at + 6] |= 1
        at = data.find(b"PK\3\4", at + 1)
    found = told(bytes(data))
    assert len(found) == 21
    assert isinstance(found[-1], Skipped)
    assert found[-1].detail == "30 more of its members were not looked into"


def test_binary_members_are_told_once_and_keystores_are_blobs() -> None:
    found = told(zipped({"a.png": PICTURE, "b.png": PICTURE, "k.kdbx": KEYSTORE}))
    assert found[-1] == Skipped("a.zip", SkipReason.BINARY, "2 members")
    assert [(item.path, item.binary) for item in found if isinstance(item, Blob)] == [("a.zip!k.kdbx", True)]


def test_without_bounds_an_archive_is_binary_content_and_a_keystore_is_not() -> None:
    assert archive_bounds(0) is None
    assert told(zipped({"a": b"b"}), bounds=None) == [Skipped("a.zip", SkipReason.BINARY)]
    assert paths(told(KEYSTORE, "k.kdbx", bounds=None)) == ["k.kdbx"]
    assert isinstance(as_blob("a.zip", zipped({"a": b"b"})), Skipped)
    assert isinstance(as_blob("a.png", PICTURE, binaries=True), Skipped)


def test_a_script_with_an_archive_behind_it_is_both() -> None:
    script = b"#!/bin/sh\n" + b"# what unpacks it\n" * 1000
    whole = script + gzipped(tarred({"conf/.env": b"A=1"}))
    texts = {item.path: item.data for item in told(whole, "a.run") if isinstance(item, Blob)}
    assert texts == {"a.run": script, "a.run!conf/.env": b"A=1"}
    inner = paths(told(zipped({"b/a.run": whole})))
    assert inner == ["a.zip!b/a.run", "a.zip!b/a.run!conf/.env"]
    closed = [Blob("a.run", script), Skipped("a.run", SkipReason.BINARY)]
    assert told(whole, "a.run", bounds=None) == closed


def test_bounds_grow_with_the_largest_file() -> None:
    small, large, huge = (archive_bounds(1 << bits) for bits in (10, 24, 40))
    assert small and large and huge  # noqa: PT018 - none is missing
    assert (small.members, small.seconds, large.members, large.seconds) == (256, 1.0, 4096, 8.0)
    assert huge == ArchiveBounds(depth=4)


def test_a_name_that_comes_later_is_put_in_its_place() -> None:
    streams = {
        ".env.gz": gzipped(b"A=1"),
        "a.sql.xz": lzma.compress(b"x"),
        "a.tgz": gzipped(tarred({"b": b"c"})),
    }
    for name, data in streams.items():
        early = paths(told(data, NAMELESS))
        assert [placed(path, name) for path in early] == paths(told(data, name))
    assert placed("", "a") == placed(NAMELESS, "a") == "a"


def test_the_file_that_a_path_leads_into() -> None:
    assert outer_paths("a.zip!b.jar!c") == ("a.zip!b.jar", "a.zip")
    assert outer_paths("src/a.py") == outer_paths("!a") == ()
    assert file_of("d/a.zip!c", ["d/a", "d/a.zip"]) == "d/a.zip"
    assert file_of("wow!.txt", ["wow!.txt"]) == "wow!.txt"
    assert file_of("gone.zip!c", []) == "gone.zip!c"


def test_the_lines_of_a_member_that_the_older_archive_had_not() -> None:
    old, new = zipped({"a": b"one\ntwo\n", "b": b"x"}), zipped({"a": b"one\nthree\n", "c": b"y"})
    assert new_member_lines("a.zip!a", "a.zip", new, old) == {2}
    assert new_member_lines("a.zip!c", "a.zip", new, old) == {1}
    assert new_member_lines("a.zip!a", "a.zip", new, b"no archive") == {1, 2}
