"""Mirrors of hosted repositories: let in with a token, fetched again, taken up after a kill."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.errors import GitError, SecopsError
from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.fleet.worker.askpass import answers_for
from secopskit.fleet.worker.clones import bring, refs_of
from secopskit.fleet.worker.host import HostAccess, HostRefs
from secopskit.git.repository import Repository
from secopskit.secret import SecretValue
from support.cli import environment
from support.githost import GitHost
from support.repos import Repo
from support.values import alnum


@pytest.fixture
def source(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "source")
    made.commit({"a": "1\n"})
    return made


@pytest.fixture
def host(tmp_path: Path, source: Repo) -> Iterator[GitHost]:
    with GitHost(tmp_path / "root") as made:
        made.add("acme/app", source.path)
        made.tokens.add(alnum(40))
        yield made


class Shop:
    """Brings the one repository of `host`."""

    def __init__(self, host: GitHost, directory: Path) -> None:
        self.host, self.path = host, directory / "clones" / "app.git"
        self.path.parent.mkdir()
        self._bin = str(directory / "bin")
        self.told = HostRefs("", "")

    def bring(self, *, token: str = "", branch: str = "main", largest_blob: int = 0) -> Repository:
        address = f"{self.host.url}/acme/app.git"
        own = next(iter(self.host.tokens))
        answers = answers_for(address, SecretValue((token or own).encode()), self._bin)
        repository = FleetRepository("h/acme/app", RepositoryKind.HOSTED, address)
        access = HostAccess.to(repository, environment(), answers)
        self.told = access.refs(branch)
        return bring(access, str(self.path), self.told.branch, largest_blob=largest_blob)

    def refs(self) -> str:
        return Repo(self.path).git("for-each-ref", "--format=%(refname) %(objectname)")


@pytest.fixture
def shop(host: GitHost, tmp_path: Path) -> Shop:
    return Shop(host, tmp_path)


def test_all_refs_are_there_and_nothing_of_the_token(shop: Shop, source: Repo) -> None:
    source.git("tag", "-a", "-m", "x", "v1")
    source.git("update-ref", "refs/pull/1/head", "HEAD")
    shop.host.add("acme/app", source.path)
    shop.bring()
    assert shop.refs() == source.git("for-each-ref", "--format=%(refname) %(objectname)")
    (token,) = shop.host.tokens
    for file in shop.path.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()


def test_what_was_deleted_goes_and_what_was_rewritten_follows(shop: Shop, source: Repo) -> None:
    source.git("branch", "gone")
    shop.host.add("acme/app", source.path)
    shop.bring()
    source.git("branch", "-D", "gone")
    source.git("commit", "--amend", "-q", "-m", "other")
    shop.host.add("acme/app", source.path)
    shop.bring()
    assert shop.refs() == f"refs/heads/main {source.head}\n"


def test_leftovers_of_a_killed_git_are_no_hindrance(shop: Shop, source: Repo) -> None:
    shop.bring()
    source.commit({"b": "2\n"})
    shop.host.add("acme/app", source.path)
    (shop.path / "packed-refs.lock").write_text("")
    (shop.path / "objects" / "pack" / "tmp_pack_x").write_bytes(b"x" * 100)
    (shop.path / "refs" / "heads" / "main.lock").write_text("")
    shop.bring()
    assert source.head in shop.refs()
    assert not list(shop.path.rglob("*.lock"))
    assert not list(shop.path.rglob("tmp_*"))


def test_a_branch_may_be_called_like_a_leftover(shop: Shop, source: Repo) -> None:
    source.git("branch", "tmp_feature")
    shop.host.add("acme/app", source.path)
    for _ in range(2):
        mirror = shop.bring()
        assert "refs/heads/tmp_feature" in shop.refs()
        assert refs_of(mirror, "main") == shop.told.digest


def test_packs_do_not_pile_up_and_nothing_is_lost(shop: Shop, source: Repo) -> None:
    lost = source.head
    source.git("commit", "--amend", "-q", "-m", "other")
    for number in range(20):
        source.commit({f"{number}": f"{number}\n"})
        shop.host.add("acme/app", source.path)
        shop.bring()
    assert len(list((shop.path / "objects" / "pack").glob("*.pack"))) < 18
    assert source.head in shop.refs()
    assert Repo(shop.path).git("rev-list", "--count", "--all") == "21\n"
    assert lost not in shop.refs()


@pytest.mark.parametrize("then", [0, 200_000])
def test_a_limit_on_files_holds_for_the_run_that_has_it(shop: Shop, source: Repo, then: int) -> None:
    source.commit({"large": os.urandom(300_000), "middle": os.urandom(150_000)})
    shop.host.add("acme/app", source.path)
    shop.bring(largest_blob=100_000)
    shop.bring(largest_blob=then)
    missing = Repo(shop.path).try_git(
        "rev-list", "--objects", "--all", "--missing=print", env={"GIT_NO_LAZY_FETCH": "1"}
    )
    assert missing.out.count("?") == (1 if then else 0)


def test_another_address_of_the_same_is_fetched_from(shop: Shop, source: Repo) -> None:
    shop.bring()
    Repo(shop.path).git("config", "remote.origin.url", "https://git.example.com/acme/app")
    source.commit({"b": "2\n"})
    shop.host.add("acme/app", source.path)
    shop.bring()
    assert source.head in shop.refs()


@pytest.mark.parametrize("left", ["nothing", "no HEAD", "a file"])
def test_what_is_no_clone_is_made_anew(shop: Shop, source: Repo, left: str) -> None:
    shop.path.mkdir()
    if left == "no HEAD":
        (shop.path / "objects").mkdir()
    elif left == "a file":
        shop.path.rmdir()
        shop.path.write_text("x")
    if left == "a file":
        with pytest.raises((GitError, OSError)):
            shop.bring()
    else:
        shop.bring()
        assert source.head in shop.refs()


def test_the_branch_of_the_host_is_head(shop: Shop, source: Repo) -> None:
    source.git("branch", "release")
    shop.host.add("acme/app", source.path)
    shop.bring(branch="release")
    assert Repo(shop.path).git("symbolic-ref", "HEAD") == "refs/heads/release\n"


def test_where_nobody_told_it_the_host_is_asked(shop: Shop, source: Repo) -> None:
    source.git("branch", "-m", "trunk")
    bare = shop.host.add("acme/app", source.path)
    Repo(bare).git("symbolic-ref", "HEAD", "refs/heads/trunk")
    shop.bring(branch="")
    assert Repo(shop.path).git("symbolic-ref", "HEAD") == "refs/heads/trunk\n"


def test_a_wrong_token_is_told_and_what_to_do(shop: Shop) -> None:
    wrong = alnum(40)
    with pytest.raises(SecopsError, match="token") as caught:
        shop.bring(token=wrong)
    assert "permission" in caught.value.advice
    assert wrong not in str(caught.value)


def test_large_files_are_left_out_where_that_is_wanted(shop: Shop, source: Repo) -> None:
    source.commit({"large": os.urandom(300_000), "small": "1\n"})
    shop.host.add("acme/app", source.path)
    mirror = shop.bring(largest_blob=100_000)
    assert mirror.partial
    missing = Repo(shop.path).try_git(
        "rev-list", "--objects", "--all", "--missing=print", env={"GIT_NO_LAZY_FETCH": "1"}
    )
    assert missing.out.count("?") == 1
