"""The remotes of a repository, as its configuration tells of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.git.remotes import narrow_remotes, remotes
from support.history import opened
from support.repos import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def test_there_are_none(repo: Repo) -> None:
    assert remotes(opened(repo)) == ()


def test_of_several_values_the_first_address_and_all_refspecs_count(repo: Repo) -> None:
    repo.git("remote", "add", "-t", "main", "we.b/x", "https://git.example/team/a.git")
    repo.git("config", "--add", "remote.we.b/x.url", "https://second.example/b.git")
    repo.git("config", "--add", "remote.we.b/x.fetch", "+refs/pull/*:refs/pull/*")
    repo.git("config", "--add", "remote.we.b/x.fetch", "^refs/heads/no")
    repo.git("remote", "add", "second", "git@other.example:team/c.git")
    one, other = sorted(remotes(opened(repo)), key=lambda each: each.server)
    assert (one.name, one.server, one.path) == ("we.b/x", "git.example", "team/a")
    assert one.refspecs == (
        ("refs/heads/main", "refs/remotes/we.b/x/main"),
        ("refs/pull/*", "refs/pull/*"),
    )
    assert (other.name, other.server, other.path) == ("second", "other.example", "team/c")
    assert narrow_remotes(opened(repo)) == ("we.b/x",)


def test_what_is_pushed_to_goes_first(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://read.example/a.git")
    repo.git("remote", "set-url", "--push", "origin", "https://write.example/a.git")
    assert [each.server for each in remotes(opened(repo))] == ["write.example"]


@pytest.mark.parametrize(
    ("line", "is_mirror"),
    [
        ("mirror = true", True),
        ("mirror = Yes", True),
        ("mirror", True),
        ("mirror = false", False),
        ("mirror =", False),
        ("mirror\n\tmirror = no", False),
        ("", False),
    ],
)
def test_a_mirror_is_one_however_that_is_written(repo: Repo, line: str, is_mirror: bool) -> None:
    config = repo.path / ".git/config"
    config.write_text(
        config.read_text() + f'[remote "origin"]\n\turl = https://git.example/a.git\n\t{line}\n'
    )
    (remote,) = remotes(opened(repo))
    assert remote.mirror is is_mirror
    if line:
        said = repo.git("config", "--type=bool", "--get", "remote.origin.mirror").strip()
        assert said == str(is_mirror).lower()
