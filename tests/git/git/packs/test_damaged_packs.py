"""Packs and indices that are damaged, or made to harm: an error or the truth, in bounded time and memory."""

from __future__ import annotations

import os
import random
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import pytest

from secopskit.git.objects.object_id import object_id
from secopskit.git.packs.reader import PackReader
from support.damage import ends_well, flipped, packed
from support.deltas import encoded
from support.packs import (
    crafted,
    entry,
    everything,
    hashes_to,
    opened,
    read_all,
    reader,
    signed,
)
from support.repos import Repo

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of a process")
BLOB, OFS_DELTA, REF_DELTA = 3, 6, 7


def test_a_flipped_byte_of_a_pack_or_an_index_is_found_out(tmp_path: Path) -> None:
    repo, pack = packed(tmp_path / "repo")
    every, chance = set(everything(repo)), random.Random(3)

    def look() -> None:
        for file in (pack, pack.with_suffix(".idx")):
            whole = file.read_bytes()
            for _ in range(80):
                file.write_bytes(flipped(whole, chance))
                sources = opened(repo)
                reading = reader(sources)
                objects, _ = read_all(reading, sources)
                assert all(hashes_to(one, "sha1") == one.oid for one in objects)
                told = {one.oid for one in objects}
                told |= {doubt.oid for doubt in (*reading.doubtful, *sources.doubtful())}
                assert told == every or sources.unread
            file.write_bytes(whole)

    assert ends_well(look)


def test_an_object_in_the_place_of_another_is_left_to_git(tmp_path: Path) -> None:
    """What was put there inflates well; only the checksum in the index tells."""
    repo = Repo.create(tmp_path / "repo", "--bare")
    fine, other = b"fine", b"vile"
    path = crafted(repo, [(oid_of(fine), entry(BLOB, 4, fine)), (oid_of(b"x"), entry(BLOB, 1, b"x"))])
    raw = path.read_bytes().replace(entry(BLOB, 4, fine), entry(BLOB, 4, other))
    path.chmod(0o600)
    path.write_bytes(raw)
    sources = opened(repo)
    reading = reader(sources)
    objects, _ = read_all(reading, sources)
    assert [one.content for one in objects] == [b"x"]
    assert [doubt.oid for doubt in reading.doubtful] == [oid_of(fine)]


def test_damage_with_checksums_that_fit_does_no_harm(tmp_path: Path) -> None:
    repo, pack = packed(tmp_path / "repo")
    index, chance = pack.with_suffix(".idx"), random.Random(4)

    def look() -> None:
        whole, table = pack.read_bytes(), index.read_bytes()
        for turn in range(160):
            raw = flipped(whole[:-20], chance) + whole[-20:]
            pack.write_bytes(raw)
            body = flipped(table[:-40], chance) if turn % 2 else table[:-40]
            count = int.from_bytes(body[1028:1032])
            if count * 28 + 1032 <= len(body):
                body = with_checksums(body, raw, count)
            index.write_bytes(signed(body + raw[-20:]))
            sources = opened(repo)
            objects, found = read_all(reader(sources), sources)
            for read, hits in found:
                assert all(read.content[end - 20 : end] == b"needle-in-a-haystack" for _, end in hits)
            assert objects or sources.unread

    assert ends_well(look)


def with_checksums(index: bytes, pack: bytes, count: int) -> bytes:
    """The index, its checksums those of the pack as it is now."""
    sums, offsets = 1032 + 20 * count, 1032 + 24 * count
    told = struct.unpack_from(f">{count}I", index, offsets)
    ends = dict(zip(ordered := sorted(told), [*ordered[1:], len(pack) - 20], strict=True))
    fresh = b"".join(struct.pack(">I", zlib.crc32(pack[start : ends[start]])) for start in told)
    return index[:sums] + fresh + index[offsets:]


def oid_of(content: bytes) -> str:
    return object_id("sha1", "blob", content).hex()


def zeros(size: int) -> bytes:
    """So many zeros, deflated."""
    stream, block = zlib.compressobj(1), bytes(1 << 20)
    return b"".join(stream.compress(block) for _ in range(size >> 20)) + stream.flush()


def test_what_inflates_to_more_than_it_says_is_not_inflated(tmp_path: Path) -> None:
    repo, fine = Repo.create(tmp_path / "repo", "--bare"), b"fine"
    bomb = entry(BLOB, 100, b"")[:2] + zeros(300 << 20)
    liar = entry(BLOB, 1 << 40, b"short")
    crafted(repo, [(oid_of(fine), entry(BLOB, 4, fine)), ("11" * 20, bomb), ("22" * 20, liar)])

    def look() -> None:
        sources = opened(repo)
        reading = reader(sources)
        objects, _ = read_all(reading, sources)
        assert [one.content for one in objects] == [fine]
        assert {doubt.oid for doubt in reading.doubtful} == {"11" * 20, "22" * 20}
        with_limit = PackReader(sources, limit=1 << 20, margin=19)
        read_all(with_limit, sources)
        assert with_limit.large == [("22" * 20, "blob", 1 << 40)]

    assert ends_well(look)


def test_deltas_that_lead_round_too_deep_or_nowhere_are_left_to_git(tmp_path: Path) -> None:
    repo, content = Repo.create(tmp_path / "repo", "--bare"), b"0123456789"
    same = encoded(10, [(0, 10)])
    names = [f"{number:040x}" for number in range(1, 6000)]
    chain = [(oid, entry(REF_DELTA, len(same), same, bytes.fromhex(base))) for base, oid in pairwise(names)]
    crafted(
        repo,
        [
            (names[0], entry(BLOB, 10, content)),
            *chain,
            ("aa" * 20, entry(REF_DELTA, len(same), same, b"\xbb" * 20)),
            ("bb" * 20, entry(REF_DELTA, len(same), same, b"\xaa" * 20)),
            ("cc" * 20, entry(REF_DELTA, len(same), same, b"\xcc" * 20)),
            ("dd" * 20, entry(REF_DELTA, len(same), same, b"\x77" * 20)),
            ("ee" * 20, entry(OFS_DELTA, len(same), same, b"\x03")),
            ("ff" * 20, entry(5, 10, content)),
        ],
    )
    sources = opened(repo)
    objects, _ = read_all(reader(sources), sources)
    assert {one.oid for one in objects} == set(names[:4096])
    assert {one.content for one in objects} == {content}
    wrong = {double * 20 for double in ("aa", "bb", "cc", "dd", "ee", "ff")}
    assert {doubt.oid for doubt in sources.doubtful()} == wrong | set(names[4096:])


def test_heirs_of_what_cannot_be_rebuilt_are_left_to_git(tmp_path: Path) -> None:
    repo, content = Repo.create(tmp_path / "repo", "--bare"), b"0123456789"
    good, bad = encoded(10, [(0, 10)]), encoded(11, [(0, 11)])
    crafted(
        repo,
        [
            (oid_of(content), entry(BLOB, 10, content)),
            ("aa" * 20, entry(REF_DELTA, len(bad), bad, bytes.fromhex(oid_of(content)))),
            ("bb" * 20, entry(REF_DELTA, len(good), good, b"\xaa" * 20)),
            ("cc" * 20, entry(REF_DELTA, len(good), good, b"\xbb" * 20)),
        ],
    )
    sources = opened(repo)
    reading = reader(sources)
    objects, _ = read_all(reading, sources)
    assert [one.content for one in objects] == [content]
    assert {doubt.oid for doubt in reading.doubtful} == {"aa" * 20, "bb" * 20, "cc" * 20}
    assert reading.doubtful[0].reason


@pytest.mark.parametrize("size", [0, 8, 1031, 1071])
def test_an_index_or_a_pack_that_is_cut_off(tmp_path: Path, size: int) -> None:
    repo, pack = packed(tmp_path / "repo")
    index = pack.with_suffix(".idx")
    whole = index.read_bytes()
    index.write_bytes(whole[:size])
    assert [unread.path for unread in opened(repo).unread] == [str(pack)]
    index.write_bytes(whole)
    pack.write_bytes(pack.read_bytes()[: size // 100])
    assert [unread.path for unread in opened(repo).unread] == [str(pack)]
