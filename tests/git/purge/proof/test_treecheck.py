"""New trees differ from old ones where that is planned, wherever the same two trees stand."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.git.history.treepairs import TreePair
from secopskit.git.packs.available import open_sources
from secopskit.purge.proof.treecheck import check_trees
from secopskit.purge.values.matcher import ValueMatcher
from support.history import opened
from support.packs import everything
from support.purges import target
from support.repos import Repo
from support.values import alnum

VALUE = alnum(24)


@pytest.fixture(params=["packs", "git"])
def reader(request: pytest.FixtureRequest) -> str:
    """By whom trees are read: by us, from where they lie, or by git."""
    return str(request.param)


def _blob(repo: Repo, text: str) -> str:
    return repo.git("hash-object", "-w", "--stdin", stdin=text.encode()).strip()


def _tree(repo: Repo, files: dict[str, str], modes: dict[str, str] | None = None) -> str:
    """A tree of files with these texts."""
    lines = "".join(
        f"{(modes or {}).get(path, '100644')} {_blob(repo, text)}\t{path}\n" for path, text in files.items()
    )
    (repo.path / ".git" / "index").unlink(missing_ok=True)
    repo.git("update-index", "--add", "--index-info", stdin=lines.encode())
    return repo.git("write-tree").strip()


class Trees:
    """An old tree and a new one, and whether their difference is allowed."""

    def __init__(self, path: Path, reader: str, old: dict[str, str]) -> None:
        self._reader = reader
        self.repo = Repo.create(path)
        self.old = _tree(self.repo, old)
        self.blobs = {_blob(self.repo, VALUE): _blob(self.repo, "redacted")}

    def allows(
        self, new: dict[str, str], dirty: Collection[str], modes: dict[str, str] | None = None
    ) -> bool:
        """Whether the check passes for a new tree of these files."""
        return self.allows_all([_tree(self.repo, new, modes)], dirty)

    def allows_all(self, new: list[str], dirty: Collection[str]) -> bool:
        """Whether the check passes for some new trees in place of the old one."""
        pairs, matcher = [(self.old, tree) for tree in new], ValueMatcher([target(VALUE)])
        try:
            assert self.checked([*pairs, *pairs], dirty, matcher) == len(pairs)
        except SecopsError as error:
            said = str(error)
        else:
            return True
        assert "not what was planned" in said
        assert VALUE not in said
        return False

    def checked(self, pairs: list[TreePair], dirty: Collection[str], matcher: ValueMatcher) -> int:
        """What `check_trees` tells."""
        repository = opened(self.repo)
        sources = open_sources(repository) if self._reader == "packs" else None
        trees = [oid for oid, kind in everything(self.repo).items() if kind == "tree"]
        return check_trees(repository, sources, pairs, trees, self.blobs, dirty, matcher)


def test_the_same_two_trees_are_judged_at_each_of_their_places(tmp_path: Path, reader: str) -> None:
    everywhere = {f"{directory}/{name}" for directory in "ab" for name in "xy"}
    trees = Trees(tmp_path / "repo", reader, dict.fromkeys(everywhere, VALUE))
    redacted = dict.fromkeys(everywhere, "redacted")
    assert trees.allows(redacted, everywhere)
    assert trees.allows(redacted, {"a", "b"})
    for unplanned in sorted(everywhere):
        assert not trees.allows(redacted, everywhere - {unplanned})


def test_a_file_changes_by_what_was_redacted_alone(tmp_path: Path, reader: str) -> None:
    trees = Trees(tmp_path / "repo", reader, {"a": VALUE, "b": "same"})
    assert trees.allows({"a": "redacted", "b": "same"}, {"a", "b"})
    assert not trees.allows({"a": "otherwise", "b": "same"}, {"a", "b"})
    assert not trees.allows({"a": "redacted", "b": "other"}, {"a", "b"})
    assert not trees.allows({"a": "redacted", "b": "same"}, {"a", "b"}, {"a": "100755"})
    assert not trees.allows({"a": VALUE, "b": "same"}, {"a", "b"}, {"b": "120000"})
    assert not trees.allows({"a": VALUE, "b": "same", "c": "new"}, {"a", "b", "c"})


def test_a_file_goes_where_that_is_planned(tmp_path: Path, reader: str) -> None:
    trees = Trees(tmp_path / "repo", reader, {"keep": "text", "dir/dump": "text"})
    assert trees.allows({"keep": "text"}, {"dir/dump"})
    assert not trees.allows({"keep": "text"}, {"dir/dum"})
    assert not trees.allows({"dir/dump": "text"}, {"dir/dump"})
    # What goes does not come back under a name that begins like its own.
    assert not trees.allows({"keep": "text", "dir/dump-2": "text"}, {"dir/dump"})


def test_names_lose_the_value_and_files_stay_what_they_are(tmp_path: Path, reader: str) -> None:
    matcher = ValueMatcher([target(VALUE)])
    clean = matcher.redact_text(VALUE)
    old = {f"{VALUE}/of-{VALUE}": VALUE, f"{VALUE}/other": "text", f"x-{VALUE}": "text"}
    dirty = {VALUE, f"{VALUE}/of-{VALUE}", f"x-{VALUE}"}
    trees = Trees(tmp_path / "repo", reader, old)
    new = {f"{clean}/of-{clean}": "redacted", f"{clean}/other": "text", f"x-{clean}": "text"}
    assert trees.allows(new, dirty)
    assert not trees.allows(new, dirty - {f"x-{VALUE}"})
    assert not trees.allows(new | {f"x-{clean}": "other"}, dirty)
    assert not trees.allows(new | {f"x-{clean}-2": "text"}, dirty)
    assert not trees.allows(new, dirty, {f"x-{clean}": "100755"})
    moved = {**new, "elsewhere": "text"}
    del moved[f"x-{clean}"]
    assert not trees.allows(moved, dirty)
    del moved["elsewhere"]
    assert not trees.allows({**moved, f"x-{clean}/deeper": "text"}, dirty)


def test_each_pair_of_trees_is_judged(tmp_path: Path, reader: str) -> None:
    clean = ValueMatcher([target(VALUE)]).redact_text(VALUE)
    trees = Trees(tmp_path / "repo", reader, {f"x-{VALUE}": "text", "a": VALUE})
    repo, dirty = trees.repo, {f"x-{VALUE}", "a"}
    renamed, redacted = _tree(repo, {f"x-{clean}": "text", "a": VALUE}), _tree(repo, {"a": "redacted"})
    assert trees.allows_all([renamed, redacted], dirty)
    other = _tree(repo, {f"x-{clean}": "other", "a": VALUE})
    assert not trees.allows_all([renamed, redacted, other], dirty)
    assert not trees.allows_all([other, renamed, redacted], dirty)


def test_a_name_that_was_taken_gets_a_number(tmp_path: Path, reader: str) -> None:
    clean = ValueMatcher([target(VALUE)]).redact_text(VALUE)
    trees = Trees(tmp_path / "repo", reader, {f"x-{VALUE}": "one", f"x-{clean}": "two"})
    assert trees.allows({f"x-{clean}-1": "one", f"x-{clean}": "two"}, {f"x-{VALUE}"})
    assert not trees.allows({f"x-{clean}-1": "two", f"x-{clean}": "two"}, {f"x-{VALUE}"})


def test_an_empty_directory_more_is_something_else(tmp_path: Path, reader: str) -> None:
    trees = Trees(tmp_path / "repo", reader, {"a": "text"})
    empty = trees.repo.git("mktree").strip()
    (line,) = trees.repo.git("ls-tree", trees.old).splitlines()
    more = f"{line}\n040000 tree {empty}\tempty\n".encode()
    assert not trees.allows_all([trees.repo.git("mktree", stdin=more).strip()], {"a", "empty"})


def test_a_tree_that_lacks_is_an_error(tmp_path: Path, reader: str) -> None:
    trees = Trees(tmp_path / "repo", reader, {"a": "text"})
    with pytest.raises(SecopsError, match="diff-tree"):
        trees.checked([(trees.old, "1" * 40)], (), ValueMatcher([target(VALUE)]))
