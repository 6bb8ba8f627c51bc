"""The places that no rewrite reaches: of many objects in a repository within, those not named are counted."""

from __future__ import annotations

from pathlib import Path

from secopskit.purge.find.outside import search_outside
from secopskit.purge.model import PlaceKind
from secopskit.purge.values.matcher import ValueMatcher
from support.history import opened
from support.purges import target
from support.repos import Repo
from support.values import github_token


def test_of_many_objects_within_the_rest_is_counted(tmp_path: Path) -> None:
    first, second = github_token(), github_token()
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"README": "nothing\n"})
    within = Repo.create(repo.path / "lib")
    within.commit({f"f{number}": f"{number} {first}\n{second}\n" for number in range(25)})
    within.git("rm", "-q", "-r", ".")
    within.commit({}, "gone")
    found = search_outside(opened(repo), ValueMatcher((target(first, 1), target(second, 2))))
    assert {one.place for one in found} == {PlaceKind.SUBMODULE}
    names = [one.name for one in found]
    assert len([name for name in names if name.startswith("lib/.git: object ")]) == 20
    assert "lib/.git: 5 more objects" in names
    assert all(one.targets == (1, 2) for one in found)
