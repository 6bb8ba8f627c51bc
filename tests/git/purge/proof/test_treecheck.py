"""New trees differ from old ones where that is planned, wherever the same two trees stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.purge.proof.treecheck import check_trees
from secopskit.purge.values.matcher import ValueMatcher
from support.history import opened
from support.purges import target
from support.repos import Repo
from support.values import alnum


def test_the_same_two_trees_are_judged_at_each_of_their_places(tmp_path: Path) -> None:
    repo, value = Repo.create(tmp_path / "repo"), alnum(24)
    for text in (value, "redacted"):
        repo.commit({f"{directory}/{name}": text for directory in "ab" for name in "xy"})
    old, new = (repo.git("rev-parse", f"{commit}^{{tree}}").strip() for commit in ("HEAD^", "HEAD"))
    before, after = (repo.git("rev-parse", f"{commit}:a/x").strip() for commit in ("HEAD^", "HEAD"))
    blobs, matcher = {before: after}, ValueMatcher([target(value)])
    everywhere = {"a/x", "a/y", "b/x", "b/y"}
    assert check_trees(opened(repo), [(old, new)], blobs, everywhere, matcher) == 3
    for unplanned in sorted(everywhere):
        with pytest.raises(SecopsError, match="not what was planned"):
            check_trees(opened(repo), [(old, new)], blobs, everywhere - {unplanned}, matcher)
