"""Objects that cannot be read: each is told by its name, nothing is taken for seen, the rest is scanned."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.findings import ScanResult, SkipReason
from secopskit.git.objects.lasting import read_each
from support.history import line, opened, scan
from support.repos import Repo
from support.values import github_token


def of_another_kind(whole: bytes) -> bytes:
    kind, _, rest = zlib.decompress(whole).partition(b" ")
    return zlib.compress((b"tree " if kind == b"blob" else b"blob ") + rest)


def of_another_size(whole: bytes) -> bytes:
    head, _, rest = zlib.decompress(whole).partition(b"\0")
    return zlib.compress(head.split(b" ")[0] + b" 3\0" + rest)


def of_another_content(whole: bytes) -> bytes:
    head, _, rest = zlib.decompress(whole).partition(b"\0")
    return zlib.compress(head + b"\0" + b"#" * len(rest))


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "junk": lambda whole: b"not an object",
    "cut": lambda whole: whole[:20],
    "sum": lambda whole: whole[:-4] + b"\0\0\0\0",
    "kind": of_another_kind,
    "size": of_another_size,
    "content": of_another_content,
}


class Damaged:
    """Loose objects that are damaged, until they are repaired."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._whole: dict[Path, bytes] = {}

    def damage(self, name: str, how: Callable[[bytes], bytes] | None) -> str:
        """Damage the object called `name`, or take it away; its id."""
        oid = self._repo.git("rev-parse", name).strip()
        path = self._repo.path / ".git" / "objects" / oid[:2] / oid[2:]
        self._whole[path] = path.read_bytes()
        path.unlink()
        if how:
            path.write_bytes(how(self._whole[path]))
        return oid

    def replace_by_directory(self, name: str) -> str:
        oid = self.damage(name, None)
        (self._repo.path / ".git" / "objects" / oid[:2] / oid[2:]).mkdir()
        return oid

    def repair(self) -> None:
        for path, whole in self._whole.items():
            if path.is_dir():
                path.rmdir()
            path.unlink(missing_ok=True)
            path.write_bytes(whole)


def skips(result: ScanResult) -> dict[str, SkipReason]:
    return {skip.path: skip.reason for skip in result.skipped}


def paths(result: ScanResult) -> set[str]:
    return {place.path for finding in result.findings for place in finding.locations}


def test_whatever_cannot_be_read_is_told_by_name_and_found_once_it_is_repaired(repo: Repo) -> None:
    names = [*DAMAGE, "missing", "directory"]
    repo.commit({f"{name}.py": line(github_token()) for name in names})
    repo.commit({f"in-{name}/a.py": line(github_token()) for name in ("tree", "lost")}, "directories")
    repo.commit({"b": "1"}, f"a message with {github_token()}")
    repo.git("tag", "-a", "v1", "-m", f"a tag with {github_token()}")
    repo.commit({"last.py": line(github_token())})
    found = paths(scan(repo))
    assert len(found) == len(names) + 5

    damaged = Damaged(repo)
    for name, how in DAMAGE.items():
        damaged.damage(f"HEAD:{name}.py", how)
    damaged.damage("HEAD:missing.py", None)
    damaged.replace_by_directory("HEAD:directory.py")
    damaged.damage("HEAD:in-tree", DAMAGE["cut"])
    damaged.damage("HEAD:in-lost", None)
    commit = damaged.damage("HEAD~1", DAMAGE["size"])
    damaged.damage("v1", DAMAGE["junk"])

    unreadable, missing = SkipReason.UNREADABLE, SkipReason.MISSING_OBJECT
    for _ in range(2):
        result = scan(repo, cache=True)
        assert skips(result) == {
            **{f"{name}.py": unreadable for name in (*DAMAGE, "directory")},
            "missing.py": missing,
            "in-tree/": unreadable,
            "in-lost/": missing,
            f"<object {commit[:12]}>": unreadable,
            "<object of refs/tags/v1>": unreadable,
        }
        assert "last.py" in paths(result), "what stands on the other side of the holes is found"
        assert result.stats.cached_objects == 0
    damaged.repair()
    assert paths(scan(repo, cache=True)) == found
    again = scan(repo, cache=True)
    assert (paths(again), again.skipped, again.limits) == (found, (), ())
    assert again.stats.cached_objects > 0


def test_damage_that_comes_later_leaves_what_was_known(repo: Repo) -> None:
    repo.commit({"a.py": line(github_token())})
    scan(repo, cache=True)
    repo.commit({"b.py": line(github_token())})
    damaged = Damaged(repo)
    damaged.damage("HEAD:b.py", DAMAGE["empty"])
    result = scan(repo, cache=True)
    assert (paths(result), skips(result)) == ({"a.py"}, {"b.py": SkipReason.UNREADABLE})
    damaged.repair()
    assert paths(scan(repo, cache=True)) == {"a.py", "b.py"}


@pytest.mark.parametrize("how", ["entry", "cut"])
def test_a_damaged_pack(repo: Repo, how: str) -> None:
    for number in range(3):
        repo.commit({f"{number}.py": line(github_token())})
    oid = repo.git("rev-parse", "HEAD:1.py").strip()
    repo.git("repack", "-q", "-a", "-d")
    (pack,) = (repo.path / ".git/objects/pack").glob("*.pack")
    listing = repo.git("verify-pack", "-v", str(pack.with_suffix(".idx")))
    offset = next(int(row.split()[4]) for row in listing.splitlines() if row.startswith(oid))
    whole = pack.read_bytes()
    pack.chmod(0o644)
    repo.commit({"after.py": line(github_token())})
    if how == "cut":
        pack.write_bytes(whole[: len(whole) // 2])
    else:
        pack.write_bytes(whole[: offset + 6] + b"\xff\xff\xff\xff" + whole[offset + 10 :])
    result = scan(repo, cache=True)
    expected = "1.py" if how == "entry" else str(pack)
    assert skips(result)[expected] is SkipReason.UNREADABLE
    assert "after.py" in paths(result)
    pack.write_bytes(whole)
    result = scan(repo, cache=True)
    assert (paths(result), result.skipped) == ({"0.py", "1.py", "2.py", "after.py"}, ())


def test_a_partial_clone_counts_what_was_not_fetched(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({"a.py": "1\n", "b.py": "2\n"})
    clone = repo.clone(tmp_path / "partial", "--no-checkout", "--filter=blob:none")
    result = scan(clone)
    assert set(skips(result)) == {"README", "a.py", "b.py"}
    assert result.limits == ("This is a partial clone: 3 objects that were not fetched could not be seen.",)
    whole = repo.clone(tmp_path / "whole", "--filter=blob:limit=1m")
    assert opened(whole).partial
    assert (scan(whole).limits, scan(whole).skipped) == ((), ())


@pytest.mark.parametrize("packed", [False, True])
def test_a_history_of_which_nothing_can_be_read_is_an_error(repo: Repo, packed: bool) -> None:
    repo.commit({"a.py": line(github_token())})
    if packed:
        repo.git("gc", "--quiet", "--prune=now")
        (pack,) = (repo.path / ".git" / "objects" / "pack").glob("*.pack")
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:40])
    else:
        for directory in (repo.path / ".git" / "objects").glob("??"):
            shutil.rmtree(directory)
    with pytest.raises(GitError, match="not one object can be read"):
        scan(repo)


def test_objects_behind_a_damaged_one_are_read(repo: Repo) -> None:
    repo.commit({name: f"{name}\n" for name in ("a", "b", "c")})
    oids = [repo.git("rev-parse", f"HEAD:{name}").strip() for name in ("a", "b", "c")]
    Damaged(repo).damage("HEAD:b", DAMAGE["size"])
    found = list(read_each(opened(repo), oids, limit=100))
    assert [(one.oid, one.data, one.damaged) for one in found] == [
        (oids[0], b"a\n", False),
        (oids[1], None, True),
        (oids[2], b"c\n", False),
    ]
