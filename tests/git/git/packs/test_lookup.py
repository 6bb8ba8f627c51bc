"""Single objects read from packs in any order are what git says they are, or git is asked."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.object_id import object_id
from secopskit.git.packs import lookup
from secopskit.git.packs.compiled import PackError, Regions
from secopskit.git.packs.lookup import PackedReader, reading_from
from secopskit.git.packs.walk import HeldBases, PackLookup
from support import history
from support.damage import ends_well, flipped, packed
from support.pack_forms import FORMS
from support.packs import crafted, entry, everything, opened, with_history
from support.repos import Repo

BLOB = 3


class Asked(PackedReader):
    """Counts how often git had to be asked."""

    times = 0

    def _by_git(self) -> ObjectReader:
        self.times += 1
        return super()._by_git()


def _reader(repo: Repo, stack: ExitStack, algorithm: str = "sha1") -> Asked:
    return Asked(history.opened(repo), opened(repo, algorithm=algorithm), stack)


@pytest.mark.parametrize("held", [1 << 26, 1 << 12, 0])
@pytest.mark.parametrize("form", FORMS)
def test_objects_in_any_order_are_what_their_ids_say(
    tmp_path: Path, form: Callable[[Repo], None], held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = with_history(tmp_path / "repo")
    form(repo)
    kinds = everything(repo)
    wanted = [*kinds, *kinds]
    random.Random(1).shuffle(wanted)
    monkeypatch.setattr(lookup, "_HELD", held)
    with ExitStack() as stack:
        reader = _reader(repo, stack)
        for oid, (kind, data) in zip(wanted, reader.many(wanted), strict=True):
            assert kind == kinds[oid]
            assert object_id("sha1", kind, data).hex() == oid
        loose = len(opened(repo).loose)
        assert reader.times == 2 * loose


def test_objects_with_longer_ids(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", "--object-format=sha256", versions=10)
    kinds = everything(repo)
    with ExitStack() as stack:
        reader = _reader(repo, stack, "sha256")
        for oid, (kind, data) in zip(kinds, reader.many(kinds), strict=True):
            assert object_id("sha256", kind, data).hex() == oid
        assert not reader.times


def test_only_what_is_not_too_large_has_its_content(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=5)
    kinds = everything(repo)
    with reading_from(history.opened(repo), opened(repo)) as reader:
        for oid, found in zip(kinds, reader.each(kinds, limit=100), strict=True):
            assert (found.oid, found.kind) == (oid, kinds[oid])
            assert found.size is not None
            assert (found.data is None) == (found.size > 100)
            assert len(found.data or b"") in (0, found.size)


def test_an_object_that_is_nowhere_is_missing(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=2)
    with reading_from(history.opened(repo), opened(repo)) as reader:
        (found,) = reader.each(["1" * 40])
        assert (found.size, found.data) == (None, None)
        with pytest.raises(GitError, match="is missing"):
            reader.one("1" * 40)


def test_without_sources_git_reads(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=2)
    kinds = everything(repo)
    with reading_from(history.opened(repo), None) as reader:
        assert not isinstance(reader, PackedReader)
        assert [found.kind for found in reader.many(kinds)] == list(kinds.values())


def test_what_a_pack_has_damaged_is_taken_from_elsewhere(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare")
    fine = b"fine"
    oid = object_id("sha1", "blob", fine).hex()
    path = crafted(repo, [(oid, entry(BLOB, 4, fine))])
    path.write_bytes(path.read_bytes().replace(entry(BLOB, 4, fine), entry(BLOB, 4, b"vile")))
    (lost,) = opened(repo).packs
    with pytest.raises(PackError, match="index"):
        PackLookup(lost.tables, Regions(0), HeldBases(0)).read(bytes.fromhex(oid))
    path.with_suffix(".idx").rename(tmp_path / "idx")  # else git would not write it once more
    repo.git("hash-object", "-w", "--stdin", stdin=fine)
    (tmp_path / "idx").rename(path.with_suffix(".idx"))
    with ExitStack() as stack:
        reader = Asked(history.opened(repo), opened(repo), stack)
        reader.one(oid)
        assert reader.times == 1


def test_an_id_has_the_width_of_ids(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=2)
    (pack,) = opened(repo).packs
    with pytest.raises(ValueError, match="an id"):
        PackLookup(pack.tables, Regions(0), HeldBases(0)).read(b"short")


@pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="limits of a process")
def test_a_flipped_byte_never_makes_another_object(tmp_path: Path) -> None:
    repo, path = packed(tmp_path / "repo")
    every, chance = [bytes.fromhex(oid) for oid in everything(repo)], random.Random(5)

    def look() -> None:
        whole, doubts = path.read_bytes(), 0
        for _ in range(80):
            path.write_bytes(flipped(whole, chance))
            sources = opened(repo)
            for pack in sources.packs:
                found = PackLookup(pack.tables, Regions(0), HeldBases(1 << 20))
                for oid in every:
                    try:
                        kind, data = found.read(oid) or ("", b"")
                    except PackError:
                        doubts += 1
                    else:
                        assert object_id("sha1", kind, data) == oid
        assert doubts > 80

    assert ends_well(look)
