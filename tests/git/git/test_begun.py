"""A git command that works beside us: its output, its errors, and its end where nobody wants it."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.git import process
from secopskit.git.bounded import GitChild
from secopskit.git.repository import Repository
from support.repos import Repo


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"a.txt": "word\n" * 50_000})  # more than a pipe holds
    opened = Repository.open(str(repo.path))
    assert opened
    return opened


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[GitChild]:
    started = list[GitChild]()

    def start(*arguments: object, **others: object) -> GitChild:
        started.append(GitChild(*arguments, **others))  # type: ignore[arg-type]  # handed on as they are
        return started[-1]

    monkeypatch.setattr(process, "GitChild", start)
    return started


def test_it_prints_what_it_prints_otherwise(repository: Repository) -> None:
    words = ("cat-file", "blob", "HEAD:a.txt")
    assert repository.begin(*words).output() == repository.run(*words) == b"word\n" * 50_000
    asked = ("hash-object", "--stdin")
    assert repository.begin(*asked, stdin=b"x").output() == repository.run(*asked, stdin=b"x")
    assert repository.begin(*asked).output() == repository.run(*asked)


def test_two_at_once(repository: Repository) -> None:
    first, second = (repository.begin("cat-file", "blob", "HEAD:a.txt") for _ in range(2))
    assert second.output() == first.output()


def test_its_error_is_that_of_git(repository: Repository) -> None:
    begun = repository.begin("cat-file", "blob", "HEAD:none")
    with pytest.raises(GitError) as usual:
        repository.run("cat-file", "blob", "HEAD:none")
    with pytest.raises(GitError) as found:
        begun.output()
    assert str(found.value) == str(usual.value)


def test_one_that_does_not_read_what_it_is_told(repository: Repository) -> None:
    assert repository.begin("rev-parse", "--is-bare-repository", stdin=b"x" * 4000).output() == b"false\n"


def test_its_output_is_handed_out_once(repository: Repository) -> None:
    begun = repository.begin("rev-parse", "HEAD")
    begun.output()
    begun.end()
    with pytest.raises(ValueError, match="handed out"):
        begun.output()


@pytest.mark.parametrize("forgotten", [False, True])
def test_one_that_nobody_wants_is_ended(
    repository: Repository, children: list[GitChild], forgotten: bool
) -> None:
    begun = repository.begin("cat-file", "blob", "HEAD:a.txt")  # it waits for us to read
    if not forgotten:
        begun.end()
    del begun
    gc.collect()
    (child,) = children
    assert child.returncode is not None
    assert child.stdout
    assert child.stdout.closed


def test_without_git_there_is_nothing_to_begin(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lost = repository._replace(environ={**repository.environ, "PATH": str(tmp_path)})
    with pytest.raises(GitError, match="not installed"):
        lost.begin("rev-parse", "HEAD")
