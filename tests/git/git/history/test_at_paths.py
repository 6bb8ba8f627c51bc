"""What first stands at some paths in many commits is what git says of each path in each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from secopskit.git.history.at_paths import first_with
from secopskit.git.packs.available import open_sources
from support.history import opened
from support.pack_forms import FORMS
from support.repos import Repo
from support.treelogs import RandomHistory

_READERS = pytest.mark.parametrize("packed", [False, True], ids=["by git", "from packs"])


def _first(
    repo: Repo, tops: Sequence[str], paths: Sequence[str], *, packed: bool
) -> dict[tuple[str, str], int]:
    repository = opened(repo)
    sources = open_sources(repository) if packed else None
    found = first_with(repository, tops, [path.encode() for path in paths], sources=sources)
    return {(oid, path.decode()): number for (oid, path), number in found.items()}


def _by_git(repo: Repo, tops: Sequence[str], paths: Sequence[str]) -> dict[tuple[str, str], int]:
    """The same, from what git lists of each of `tops`."""
    first = dict[tuple[str, str], int]()
    for number, top in enumerate(tops):
        for entry in filter(None, repo.git("ls-tree", "-r", "-t", "-z", top).split("\0")):
            words, _, path = entry.partition("\t")
            if path in paths:
                first.setdefault((words.split()[2], path), number)
    return first


@_READERS
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)], ids=["sha1", "sha256"])
def test_random_histories(
    tmp_path: Path, form: Callable[[Repo], None], options: tuple[str, ...], packed: bool
) -> None:
    repo = Repo.create(tmp_path, "--bare", *options)
    stream = RandomHistory(len(tmp_path.name)).stream(120)
    if options:
        stream = stream.replace(b"M 160000 ", b"M 160000 " + 24 * b"0")
    repo.git("-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", stdin=stream)
    form(repo)
    tops = repo.git("rev-list", "--all").split()
    names = repo.git("log", "--all", "--name-only", "--format=").split("\n")
    paths = sorted({name for name in names if name} | {"a", "d", "dir0", "not/there", "dir0/file-000/below"})
    expected = _by_git(repo, tops, paths)
    assert len(expected) > 50
    assert _first(repo, tops, paths, packed=packed) == expected


@_READERS
def test_tags_of_tags_trees_and_other_tops(repo: Repo, packed: bool) -> None:
    repo.commit({"a/b.py": "1\n", "two\nlines": "2\n"})
    repo.git("tag", "-a", "-m", "inner", "inner", "HEAD")
    repo.git("tag", "-a", "-m", "outer", "outer", "inner")
    blob = repo.git("rev-parse", "HEAD:a/b.py").strip()
    for top in ("HEAD", "HEAD^{tree}", "inner", "outer"):
        oid = repo.git("rev-parse", top).strip()
        found = _first(repo, [blob, "0" * 40, oid, oid], ["a/b.py", "two\nlines"], packed=packed)
        assert found == {
            (blob, "a/b.py"): 2,
            (repo.git("rev-parse", "HEAD:two\nlines").strip(), "two\nlines"): 2,
        }


@_READERS
def test_a_submodule_of_the_same_repository_is_not_entered(repo: Repo, packed: bool) -> None:
    inner = repo.commit({"a.py": "1\n"})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{inner},sub")
    outer = repo.commit({})
    assert _first(repo, [outer], ["sub/a.py", "sub"], packed=packed) == {(inner, "sub"): 0}


@_READERS
def test_what_is_missing_or_damaged_is_passed_over(repo: Repo, packed: bool) -> None:
    tops = [repo.commit({"d/a.py": f"{n}\n", "e/b.py": f"{n}\n"}) for n in range(3)]
    paths = ["d/a.py", "e/b.py"]
    expected = _by_git(repo, tops, paths)
    lost = repo.git("rev-parse", f"{tops[0]}:d").strip()
    damaged = repo.git("rev-parse", f"{tops[1]}:e").strip()
    for oid in (lost, damaged):
        repo.path.joinpath(".git/objects", oid[:2], oid[2:]).chmod(0o600)
    repo.path.joinpath(".git/objects", lost[:2], lost[2:]).unlink()
    repo.path.joinpath(".git/objects", damaged[:2], damaged[2:]).write_bytes(b"no zlib")
    found = _first(repo, tops, paths, packed=packed)
    assert found == {
        key: n for key, n in expected.items() if (key[1], n) not in {("d/a.py", 0), ("e/b.py", 1)}
    }


def test_a_tree_that_cannot_be_read_hides_no_other(repo: Repo) -> None:
    tops = [repo.commit({"d/a.py": "1\n"})]
    broken = b"100644 a.py\0too short"
    oid = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=broken).strip()
    assert _first(repo, [oid, *tops], ["d/a.py", "a.py"], packed=False) == {
        (repo.git("rev-parse", "HEAD:d/a.py").strip(), "d/a.py"): 1
    }


def test_what_is_not_there_is_not_asked_for(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    old = repo.commit({"d/a.py": "1\n"})
    new = repo.commit({"d/a.py": "2\n"})
    clone = repo.clone(tmp_path / "partial", "--filter=tree:0")
    there = set(
        clone.git("rev-list", "--objects", "--missing=allow-promisor", "--no-object-names", "--all").split()
    )
    found = first_with(opened(clone), [old, new], [b"d/a.py"], there=there)
    assert found == {(repo.git("rev-parse", "HEAD:d/a.py").strip(), b"d/a.py"): 1}
    assert first_with(opened(repo), [repo.head], [b"d/a.py"], there=frozenset()) == {}


def test_no_paths_ask_nothing(repo: Repo) -> None:
    assert first_with(opened(repo), [repo.head], []) == {}
