"""The reader of packs against git: the same objects, whatever form their packs have."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.git.packs import packfile
from secopskit.git.packs.packfile import PackFile
from secopskit.git.packs.portions import Portion, share
from secopskit.git.packs.reader import PackReader
from secopskit.git.packs.sources import ObjectSources
from secopskit.git.packs.walk import HEAD
from secopskit.sources.content import BINARY_HEAD
from support.pack_forms import (
    FORMS,
    as_deep_chains,
    as_loose_objects,
    as_whole_objects,
    with_deltas_by_id,
)
from support.packs import NEEDLE, everything, hashes_to, opened, read_all, reader, search, with_history
from support.repos import Repo


@pytest.mark.parametrize("form", FORMS)
def test_every_object_is_read_once_and_is_what_its_id_says(
    tmp_path: Path, form: Callable[[Repo], None]
) -> None:
    repo = with_history(tmp_path / "repo")
    form(repo)
    sources = opened(repo)
    reading = reader(sources)
    objects, found = read_all(reading, sources)
    assert (reading.doubtful, reading.large, list(sources.doubtful()), sources.unread) == ([], [], [], ())
    assert sorted((one.oid, one.kind) for one in objects) == sorted(everything(repo).items())
    assert all(hashes_to(one, "sha1") == one.oid for one in objects)
    assert {one.oid: hits for one, hits in found} == {
        one.oid: hits for one in objects if (hits := search(one.content))
    }
    assert found


@pytest.mark.parametrize("form", FORMS)
def test_the_commits_that_are_not_known(tmp_path: Path, form: Callable[[Repo], None]) -> None:
    repo = with_history(tmp_path / "repo")
    form(repo)
    kinds = everything(repo)
    commits = sorted(oid for oid, kind in kinds.items() if kind == "commit")
    known = bytes.fromhex("".join(commits[::2]))
    told = [oid for oid in opened(repo).unknown("commit", known) if kinds[oid] == "commit"]
    assert sorted(told) == commits[1::2]
    loose = {one.oid for one in opened(repo).loose}
    assert set(opened(repo).unknown("commit", bytes.fromhex("".join(commits)))) == loose - set(commits)


def test_what_has_to_be_looked_at_weighs_what_its_versions_weigh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = with_history(tmp_path / "repo")
    as_deep_chains(repo)
    texts = repo.git("rev-list", "--all", "--objects", "--", "a/text").splitlines()
    oids = {line.split(" ")[0] for line in texts if line.endswith(" a/text")}
    sizes = [int(repo.git("cat-file", "-s", oid)) for oid in oids]
    sources = opened(repo)
    only = bytes.fromhex("".join(oids))
    looked_at = sum(portion.weight for portion in share(sources.narrowed(only), ("blob",), 1))
    monkeypatch.setattr(PackFile, "weigh_contents", lambda *_: None)
    inflated = sum(portion.weight for portion in share(sources.narrowed(only), ("blob",), 1))
    assert inflated < looked_at / 2
    assert 0.8 < looked_at / sum(sizes) < 1.6


def test_a_repository_with_longer_ids(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", "--object-format=sha256", versions=20)
    with_deltas_by_id(repo)
    sources = opened(repo, algorithm="sha256")
    objects, _ = read_all(reader(sources), sources)
    assert {one.oid for one in objects} == set(everything(repo))
    assert all(hashes_to(one, "sha256") == one.oid for one in objects)


def test_objects_that_are_borrowed(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=20)
    borrower = Repo.create(tmp_path / "borrower", "--bare")
    (borrower.path / "objects/info/alternates").write_text(f"{repo.path}/objects\n")
    borrower.git("update-ref", "refs/heads/main", repo.git("rev-parse", "main").strip())
    borrower.git("hash-object", "-w", "--stdin", stdin=b"its own\n")
    sources = opened(borrower, repo)
    objects, _ = read_all(reader(sources), sources)
    assert sorted(one.oid for one in objects) == sorted(everything(borrower))


def test_a_heavy_family_is_shared_out_and_nothing_is_told_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secopskit.git.packs.portions._WEIGHT", 200)
    repo = with_history(tmp_path / "repo")
    as_deep_chains(repo)
    sources = opened(repo)
    whole, pieces = (share(sources, ("blob",), jobs) for jobs in (1, 8))
    starts = [start for portion in pieces for start in portion.families()]
    assert len(starts) > sum(len(portion.roots) for portion in whole)
    assert any(start.heirs for start in starts)
    objects, found = read_all(reader(sources), sources, jobs=8)
    assert sorted(one.oid for one in objects) == sorted(everything(repo))
    _, expected = read_all(reader(sources, margin=None), sources, jobs=1)
    assert {one.oid: hits for one, hits in found} == {one.oid: hits for one, hits in expected}


def test_what_is_too_large_is_named_and_its_heirs_are_searched_whole(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo")
    as_deep_chains(repo)
    sources = opened(repo)
    every, hits = read_all(reader(sources), sources, ("blob",))
    limit = sorted(len(one.content) for one in every if one.content[:4] == b"line")[30]
    reading = PackReader(sources, limit=limit, margin=19)
    objects, found = read_all(reading, sources, ("blob",))
    large = {one.oid: len(one.content) for one in every if len(one.content) > limit}
    assert large
    assert {one.oid: one.size for one in reading.large} == large
    assert len(reading.large) == len(large)
    assert {one.oid for one in objects} == {one.oid for one in every} - set(large)
    assert {one.oid: where for one, where in found} == {
        one.oid: where for one, where in hits if one.oid not in large
    }


def test_what_is_not_to_be_searched_is_told_of_and_hands_nothing_on(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo")
    as_deep_chains(repo)
    sources = opened(repo)
    seen = list[str]()

    def is_text(kind: str, content: bytes) -> bool:
        seen.append(kind)
        return kind == "blob" and len(content) % 2 == 0

    reading = PackReader(sources, limit=1 << 30, margin=19, searched=is_text)
    objects, found = read_all(reading, sources)
    assert {one.oid for one in objects} == set(everything(repo))
    assert set(seen) == {"blob", "commit", "tag", "tree"}
    assert {one.oid: hits for one, hits in found} == {
        one.oid: hits for one in objects if one.searched and (hits := search(one.content))
    }


def _with_pictures(repo: Repo) -> tuple[dict[str, bytes], str]:
    """Large content of which nothing is made, by its id, and the id of one of which something is made."""
    chance = random.Random(4)
    large = [b"\x89PNG\0" + chance.randbytes(100_000), b"text" + chance.randbytes(100_000)]
    alone = {repo.git("hash-object", "-w", "--stdin", stdin=one).strip(): one for one in large}
    base = b"\x89PNG\0" + chance.randbytes(90_000)
    versions = [repo.git("hash-object", "-w", "--stdin", stdin=base + end).strip() for end in (b"", NEEDLE)]
    tree = "".join(f"100644 blob {oid}\t{n}\n" for n, oid in enumerate([*alone, *versions]))
    commit = repo.git("commit-tree", "-m", "all", repo.git("mktree", stdin=tree.encode()).strip()).strip()
    repo.git("update-ref", "refs/heads/main", commit)
    repo.git("repack", "-adfq")
    return alone, versions[1]


def test_of_what_is_passed_over_no_more_is_inflated_than_its_beginning(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare")
    alone, made = _with_pictures(repo)
    sources, asked = opened(repo), list[bytes]()

    def is_picture(kind: str, head: bytes) -> bool:
        asked.append(head)
        return kind == "blob" and head.startswith(b"\x89PNG")

    reading = PackReader(
        sources,
        limit=1 << 30,
        margin=19,
        searched=lambda _, content: b"PNG" not in content,
        passed_over=is_picture,
    )
    objects, _ = read_all(reading, sources, ("blob",))
    read = {one.oid: one for one in objects}
    picture, text = alone
    assert (read[picture].kind, read[picture].searched) == ("blob", False)
    assert (read[picture].content, read[picture].size) == (alone[picture][:HEAD], 100_005)
    assert read[text].content == alone[text]
    assert len(read[made].content) == read[made].size > 90_000
    assert sorted(asked) == sorted(content[:HEAD] for content in alone.values())


def test_of_media_the_bytes_are_read_that_decide() -> None:
    assert HEAD == BINARY_HEAD


def test_what_is_passed_over_is_held_against_the_index_too(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare")
    alone, _ = _with_pictures(repo)
    (pack,) = (repo.path / "objects/pack").glob("*.pack")
    content = bytearray(pack.read_bytes())
    at = content.find(alone[next(iter(alone))][60_000:60_020])  # noise is stored as it is
    assert at > 0
    content[at] ^= 1
    pack.chmod(0o644)
    pack.write_bytes(content)
    sources = opened(repo)
    reading = PackReader(sources, limit=1 << 30, margin=19, passed_over=lambda *_: True)
    read_all(reading, sources, ("blob",))
    assert [doubt.oid for doubt in reading.doubtful] == [next(iter(alone))]


def test_packs_may_vanish_once_they_are_open(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=10)
    sources = opened(repo)
    expected = everything(repo)
    as_whole_objects(repo)
    objects, _ = read_all(reader(sources), sources)
    assert {one.oid for one in objects} == set(expected)
    with pytest.raises(GitError, match="pack has gone"):
        list(reader(opened(repo)).chunks(Portion(1, "/nowhere.pack")))


def test_a_pack_that_vanishes_while_packs_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = with_history(tmp_path / "repo", versions=5)
    from secopskit.git.packs import sources as module

    turns = list[str]()

    def vanishing(path: str, width: int) -> object:
        turns.append(path)
        if len(turns) == 1:
            raise FileNotFoundError(path)
        return PackFile(path, width)

    monkeypatch.setattr(module, "PackFile", vanishing)
    assert len(opened(repo).packs) == 1

    def vanished(path: str, width: int) -> object:
        raise FileNotFoundError(path)

    monkeypatch.setattr(module, "PackFile", vanished)
    with pytest.raises(GitError, match="change while"):
        opened(repo)


def test_a_loose_object_that_is_not_what_its_name_says_is_left_to_git(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=3)
    as_loose_objects(repo)
    one, other, third, fourth = sorted((repo.path / "objects").glob("??/*"))[:4]
    names = [path.parent.name + path.name for path in (one, other, third, fourth)]
    one.chmod(0o600)
    one.write_bytes(other.read_bytes())
    for path, content in ((other, b""), (third, b"not deflated")):
        path.chmod(0o600)
        path.write_bytes(content)
    fourth.unlink()
    fourth.mkdir()
    sources = opened(repo)
    reading = reader(sources)
    objects, _ = read_all(reading, sources)
    assert {doubt.oid for doubt in reading.doubtful} == set(names)
    assert not {one.oid for one in objects} & set(names)
    assert objects


def test_an_old_index_is_left_to_git(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=3)
    (index,) = (repo.path / "objects/pack").glob("*.idx")
    index.unlink()
    repo.git("index-pack", "--index-version=1", str(index.with_suffix(".pack")))
    sources = opened(repo)
    assert [unread.reason for unread in sources.unread] == ["not an index of version 2"]
    assert sources.packs == ()
    assert ObjectSources.open([], "sha1").packs == ()


def test_a_chunk_must_be_settled_before_the_next(tmp_path: Path) -> None:
    repo = with_history(tmp_path / "repo", versions=3)
    sources = opened(repo)
    with pytest.raises(ValueError, match="settled"):
        list(reader(sources).chunks(share(sources, ("blob",), 1)[0]))


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells of the pages of a file")
def test_an_open_pack_takes_no_memory(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo", "--bare")
    for number in range(8):
        repo.git("hash-object", "-w", "--stdin", stdin=random.Random(number).randbytes(1 << 20))
    ids = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    repo.git("pack-objects", "-q", str(repo.path / "objects/pack/pack"), stdin=ids.encode())
    (path,) = (repo.path / "objects/pack").glob("*.pack")
    sources = opened(repo)
    (pack,) = sources.packs

    def resident() -> int:
        """The bytes of the pack that this process holds."""
        told = Path("/proc/self/smaps").read_text().partition(f"{path}\n")[2]
        found = re.search(r"^Rss: +(\d+) kB", told, re.MULTILINE)
        assert found
        return 1024 * int(found[1])

    assert resident() < path.stat().st_size / 8
    read_all(reader(sources), sources)
    assert resident() > path.stat().st_size / 2
    other = pack.again()
    assert resident() < path.stat().st_size / 8
    assert (other.kinds, other.weights, other.used) == (pack.kinds, pack.weights, pack.used)


def test_headers_are_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = with_history(tmp_path / "repo")
    as_deep_chains(repo)
    (path,) = (repo.path / "objects/pack").glob("*.pack")
    whole = PackFile(str(path), 20)
    monkeypatch.setattr(packfile, "_TOGETHER", 7)
    parts = PackFile(str(path), 20)
    assert whole.count > 7
    assert set(whole.bases) > {-1}
    assert (parts.kinds, parts.weights, parts.bases) == (whole.kinds, whole.weights, whole.bases)
