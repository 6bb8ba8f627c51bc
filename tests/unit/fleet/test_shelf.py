"""The shelf of clones: where each lies, and which go when room is short."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.fleet.worker.address import parts_of
from secopskit.fleet.worker.shelf import CloneShelf, size_of


def _fill(shelf: CloneShelf, url: str, size: int, used: float) -> Path:
    with shelf.place(url) as path:
        os.makedirs(path)
        Path(path, "pack").write_bytes(b"x" * size)
    os.utime(path + ".size", (used, used))
    return Path(path)


def _urls() -> list[str]:
    return [f"https://github.com/acme/{name}.git" for name in ("old", "middle", "young")]


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    shelf = CloneShelf(str(tmp_path / "shelf"), bound=350)
    old, middle, young = (_fill(shelf, url, 100, used) for used, url in enumerate(_urls(), 1))
    shelf.make_room(str(tmp_path / "other"), 40)
    assert [old.exists(), middle.exists(), young.exists()] == [True, True, True]
    shelf.make_room(str(tmp_path / "other"), 100)
    assert [old.exists(), middle.exists(), young.exists()] == [False, True, True]


def test_one_that_is_in_somebodys_hands_stays(tmp_path: Path) -> None:
    shelf = CloneShelf(str(tmp_path / "shelf"))
    paths = [_fill(shelf, url, 100, used) for used, url in enumerate(_urls(), 1)]
    with shelf.place(_urls()[0]):
        shelf._replace(bound=100).make_room(str(paths[2]), 100)
        assert [one.exists() for one in paths] == [True, False, True]


def test_one_that_turns_out_large_pushes_others_out(tmp_path: Path) -> None:
    shelf = CloneShelf(str(tmp_path / "shelf"), bound=150)
    first, second = (_fill(shelf, url, 100, used) for used, url in enumerate(_urls()[:2], 1))
    assert [first.exists(), second.exists()] == [False, True]


def test_without_a_bound_nothing_goes(tmp_path: Path) -> None:
    shelf = CloneShelf(str(tmp_path / "shelf"))
    path = _fill(shelf, _urls()[0], 100, 1)
    shelf.make_room("", 1 << 60)
    assert path.exists()
    assert size_of(str(path)) == 100


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://github.com/Acme/app.git", ("github.com", "Acme", "app.git")),
        ("https://git.example.com:8443/a/b/c", ("git.example.com_8443", "a", "b", "c.git")),
        ("git@github.com:acme/app.git", ("github.com", "acme", "app.git")),
        ("ssh://git@github.com/acme/app", ("github.com", "acme", "app.git")),
    ],
)
def test_where_a_clone_lies(url: str, parts: tuple[str, ...]) -> None:
    assert parts_of(url) == parts


@pytest.mark.parametrize("url", ["https://h/../../x", "https://h/.git", "https://h/", "https://h/a/.hidden"])
def test_nothing_leads_out_of_the_shelf(url: str) -> None:
    with pytest.raises(SecopsError):
        parts_of(url)
