"""Archives: what is in them comes out, whatever they are, and no archive costs more than its bounds."""

from __future__ import annotations

import bz2
import io
import struct
import tarfile
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.formats.archives.opening import opened
from secopskit.formats.archives.parts import (
    ArchiveBounds,
    ArchiveBudget,
    ArchiveMember,
    BoundReachedError,
    UnopenedMember,
)
from secopskit.formats.archives.recognised import archive_kind, behind_script
from support.archives import every_kind, gzipped, tarred, zipped
from support.effort import costs_little

DATA = b"KEY = a value that stands here\n" * 4
SMALL = ArchiveBounds(size=1 << 20, member=1 << 20, total=4 << 20, members=50, depth=3, seconds=20)


def contents(data: bytes, name: str = "", bounds: ArchiveBounds | None = None) -> dict[str, bytes]:
    return {
        part.name: part.data for part in opened(data, bounds, name=name) if isinstance(part, ArchiveMember)
    }


def unopened(data: bytes, bounds: ArchiveBounds | None = None) -> list[UnopenedMember]:
    return [part for part in opened(data, bounds) if isinstance(part, UnopenedMember)]


@pytest.mark.parametrize(
    ("archive", "member"),
    [
        ("a.zip", "conf/.env"),
        ("bz.zip", "conf/.env"),
        ("lz.zip", "conf/.env"),
        ("a.jar", "inner.zip!conf/.env"),
        ("a.tar.gz", "conf/.env"),
        ("a.tgz", "conf/.env"),
        ("a.tar.bz2", "conf/.env"),
        ("a.tar.xz", "conf/.env"),
        ("conf/.env.gz", ".env"),
        ("conf/.env.xz", ".env"),
        ("deep.tar", "x.zip!y.tgz!conf/.env"),
    ],
)
def test_every_kind_is_opened(archive: str, member: str) -> None:
    data = every_kind("conf/.env", DATA)[archive]
    assert contents(data, archive)[member] == DATA
    assert unopened(data) == []


def test_what_is_no_archive_has_no_parts() -> None:
    for data in (b"", b"PK", b"BZhello", b"# text\n" * 100, bytes(2000), b"7" * 600, b"\x1f\x8b"):
        assert list(opened(data)) == []


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_of_tar(form: int) -> None:
    name = "/".join(["directory" * 3] * 7) + "/.env"
    archive = tarred({name: DATA, "b": b"b"}, form)
    assert contents(archive) == {name: DATA, "b": b"b"}
    assert contents(archive + archive) == {name: DATA, "b": b"b"}


def test_a_zip_behind_a_program_and_one_that_lost_its_directory() -> None:
    archive = zipped({"a": DATA, "b": b"b" * 100})
    assert contents(b"#!/bin/sh\nexec java -jar $0\n" + archive) == {"a": DATA, "b": b"b" * 100}
    directory = archive.index(b"PK\1\2")
    assert contents(archive[:directory]) == {"a": DATA, "b": b"b" * 100}
    cut = archive[: archive.index(b"PK\3\4", 4) - 20]
    assert [part.reason for part in unopened(cut)] == ["it is cut off"]
    assert DATA.startswith(contents(cut)["a"][:40])


@pytest.mark.parametrize("comment", [b"", b"made by hand", bytes(0xFFFF)], ids=["none", "some", "longest"])
@pytest.mark.parametrize("program", [b"#!/usr/bin/env python3\n", b"MZ" + bytes(70), b"\x7fELF" + bytes(70)])
def test_a_zip_with_a_comment_behind_a_program(program: bytes, comment: bytes) -> None:
    target = io.BytesIO(zipped({"a": DATA}))
    with zipfile.ZipFile(target, "a") as archive:
        archive.comment = comment
    assert contents(program + target.getvalue()) == {"a": DATA}


@pytest.mark.parametrize("archive", ["a.zip", "a.tar.gz", "a.tar.bz2", "a.tar.xz"])
def test_an_archive_behind_a_script(archive: str) -> None:
    script = b"#!/bin/sh\n" + b"# what unpacks it\n" * 1000
    data = script + every_kind("conf/.env", DATA)[archive]
    assert contents(data)["conf/.env"] == DATA
    assert behind_script(data) == len(script)
    assert contents(tarred({"b/setup.run": data}))["b/setup.run!conf/.env"] == DATA
    assert behind_script(script + b"\0\1 and no archive") == behind_script(script) == 0


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_that_is_cut_off_between_its_members_says_so(method: int) -> None:
    archive = zipped({"a": DATA, "b": b"b" * 100}, method)
    second = archive.index(b"PK\3\4", 4)
    for cut in (second, second + 20, archive.index(b"PK\1\2"), archive.index(b"PK\5\6")):
        assert unopened(archive[:cut]) == [UnopenedMember("", "it is cut off")], cut
        assert contents(archive[:cut])["a"] == DATA


def test_a_tar_that_is_cut_off_between_its_files_says_so() -> None:
    archive = tarred({"a": DATA, "b": b"b" * 100}, tarfile.USTAR_FORMAT)
    for cut in (1024, 1024 + 100, 2048):
        assert unopened(archive[:cut]) == [UnopenedMember("", "it is cut off")], cut


def test_the_size_that_a_header_claims_is_not_believed() -> None:
    archive = bytearray(zipped({"a": b"first", "b": DATA}, zipfile.ZIP_STORED))
    struct.pack_into("<II", archive, 18, 10_000_000, 10_000_000)
    assert contents(bytes(archive))["b"] == DATA
    deflated = bytearray(zipped({"a": DATA}))
    struct.pack_into("<II", deflated, 18, 3, 3)
    assert contents(bytes(deflated)) == {"a": DATA}


def test_a_zip_written_to_a_pipe_has_its_sizes_behind_the_data() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.parts.append(bytes(data))  # type: ignore[call-overload]  # zipfile writes bytes
            return len(self.parts[-1])

    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        pipe = Pipe()
        with zipfile.ZipFile(pipe, "w", method) as archive:
            archive.writestr("a", DATA)
            archive.writestr("b", gzipped(DATA))
        found = contents(b"".join(pipe.parts))
        assert (found["a"], found["b!content"]) == (DATA, DATA)


def test_what_is_not_opened_is_said() -> None:
    encrypted = bytearray(zipped({"secret.txt": DATA, "b": b"b"}))
    encrypted[6] |= 1
    assert unopened(bytes(encrypted)) == [("secret.txt", "it is encrypted")]
    assert contents(bytes(encrypted)) == {"b": b"b"}
    other = bytearray(zipped({"a": DATA}))
    struct.pack_into("<H", other, 8, 99)
    assert [part.name for part in unopened(bytes(other))] == ["a"]
    for head in (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\1\0", b"\x28\xb5\x2f\xfd" + bytes(9)):
        ((name, reason),) = unopened(head)
        assert (name, "not opened" in reason) == ("", True)
    assert unopened(zipped({"a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(20)}))[0].name == "a.7z"
    damaged = bytearray(bz2.compress(DATA * 50))
    damaged[40] ^= 0xFF
    assert [part.reason for part in unopened(bytes(damaged))] == ["it is damaged"]


def test_bombs_cost_no_more_than_the_bounds() -> None:
    bomb = zlib.compress(bytes(64 << 20), 9, wbits=31)
    (member, said) = opened(bomb, SMALL)
    assert isinstance(member, ArchiveMember)
    assert len(member.data) < 4 << 20
    assert isinstance(said, UnopenedMember)
    assert "first 1 MiB" in said.reason
    many = zipped({f"{number}": bytes(1 << 20) for number in range(6)})
    assert any("more than 4 MiB" in part.reason for part in unopened(many, SMALL))
    crowd = zipped({f"{number}": b"" for number in range(60)})
    assert any("more than 50 members" in part.reason for part in unopened(crowd, SMALL))
    assert any("larger than 1 MiB" in part.reason for part in unopened(gzipped(b"") + bytes(1 << 20), SMALL))
    nested = DATA
    for _ in range(5):
        nested = zipped({"z": nested})
    assert any("more than 3 deep" in part.reason for part in unopened(nested, SMALL))
    now = iter(range(0, 1000, 30))
    budget = ArchiveBudget(SMALL, lambda: next(now))
    with pytest.raises(BoundReachedError, match="longer than 20 seconds"):
        budget.enter()


@pytest.mark.parametrize("sign", [b"PK\3\4" + b"\xff" * 40, b"PK\3\4" + bytes(26) + b"a"])
def test_a_crowd_of_false_headers_takes_no_more_than_its_size(sign: bytes) -> None:
    costs_little(lambda: list(opened(sign * 20_000)), 5)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(every_kind("n", DATA))),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6),
    st.integers(0, 1 << 16),
)
def test_damage_never_raises(kind: str, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(every_kind("n", DATA)[kind])
    for at, byte in changes:
        data[at % len(data)] = byte
    whole = bytes(data[: max(4, cut % (2 * len(data)))])
    for part in opened(whole, SMALL):
        assert isinstance(part.name, str)
    archive_kind(memoryview(whole))


def test_a_zip_that_ends_in_its_first_header_is_told() -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("conf/app.env", "A=1\n")
    for length in (20, 40):
        [told] = opened(whole.getvalue()[:length])
        assert isinstance(told, UnopenedMember)
        assert told.reason == "no member of it can be read"
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    assert list(opened(empty.getvalue())) == []
