"""What a remote is told after a purge: exactly what it had, rewritten, each ref under its lease."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, RefusedError
from secopskit.git.hosts import address, host_of
from secopskit.git.remotes import remotes
from secopskit.git.repository import Repository
from secopskit.purge.handover import FinishedPurge, hand_over
from secopskit.purge.model import RefChange
from secopskit.purge.push import pending, remote_push
from secopskit.purge.push.plan import PushPlan, plan_pushes, unfetched_requests
from secopskit.purge.push.remote_push import PushStatus
from support.cli import environment
from support.history import opened
from support.repos import Repo
from support.values import alnum

KEY = bytes(32)


class World:
    """A repository with a remote, and a rewriting of its history that has just been made."""

    def __init__(self, place: Path, *options: str) -> None:
        self.secret = alnum(16)
        self.named = f"refs/heads/fix-{self.secret}"
        self.server = Repo.create(place / "server.git", "--bare")
        first = Repo.create(place / "first")
        first.git("remote", "add", "origin", str(self.server.path))
        self.old = first.commit({"a": "leak\n"})
        first.git("tag", "v1")
        first.git("branch", "stable")
        first.git("branch", self.named.removeprefix("refs/heads/"))
        first.git("push", "-q", "origin", "--all")
        first.git("push", "-q", "origin", "v1")
        self.server.git("update-ref", "refs/pull/7/head", self.old)
        self.first = first
        self.repo = Repo(place / "repo")
        first.git("clone", "-q", *options, str(self.server.path), str(self.repo.path))
        self.new = self._rewritten()

    def _rewritten(self) -> str:
        tree = self.repo.git("mktree", stdin=b"").strip()
        return self.repo.git("commit-tree", tree, "-m", "change").strip()

    def changes(self, *refs: str) -> list[RefChange]:
        """These refs go from the old commit to the new one; the named one is renamed."""
        found = []
        for ref in refs:
            if self.secret in ref:
                found.append(RefChange(ref=ref, old=self.old, new=""))
                found.append(RefChange(ref=ref.replace(self.secret, "REMOVED"), old="", new=self.new))
            else:
                found.append(RefChange(ref=ref, old=self.old, new=self.new))
        return found

    def plan(self, changes: Sequence[RefChange]) -> PushPlan:
        (plan,) = plan_pushes(
            remotes(self.opened),
            changes,
            show=lambda name: name.replace(self.secret, "***"),
            digest=lambda name: remote_push.name_digest(KEY, name),
        )
        return plan

    @property
    def opened(self) -> Repository:
        return opened(self.repo)

    def push_to_remote(self, plan: PushPlan) -> dict[str, PushStatus]:
        networked = remote_push.with_network(self.opened, environment(), prompt=False)
        report = remote_push.push_to_remote(networked, plan, key=KEY, old={self.old})
        return {one.ref: one.status for one in report.results}

    def refs(self) -> dict[str, str]:
        lines = self.server.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ") for line in lines)


TRACKED = ("refs/heads/main", "refs/remotes/origin/main", "refs/remotes/origin/stable", "refs/tags/v1")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_remote_gets_what_it_had_and_not_what_is_unpushed(world: World) -> None:
    local = RefChange(ref="refs/heads/main", old="1" * 40, new="2" * 40)  # with work of one's own
    plan = world.plan([local, *world.changes(*TRACKED[1:])])
    assert {(one.ref, one.old, one.new) for one in plan.pushes} == {
        ("refs/heads/main", world.old, world.new),
        ("refs/heads/stable", world.old, world.new),
        ("refs/tags/v1", world.old, world.new),
    }
    assert world.push_to_remote(plan) == dict.fromkeys(
        ("refs/heads/main", "refs/heads/stable", "refs/tags/v1"), PushStatus.DONE
    )
    assert {world.refs()[name] for name in ("refs/heads/main", "refs/heads/stable", "refs/tags/v1")} == {
        world.new
    }


def test_the_printed_commands_do_the_same(world: World) -> None:
    for command in world.plan(world.changes(*TRACKED)).commands():
        words = shlex.split(command)
        assert words[0] == "git"
        assert any(re.fullmatch(rf"--force-with-lease=refs/.*:{world.old}", word) for word in words)
        world.repo.git(*words[1:])
    assert world.refs()["refs/tags/v1"] == world.refs()["refs/heads/stable"] == world.new


def test_what_somebody_pushed_in_between_is_kept(world: World) -> None:
    newer = world.first.commit({"b": "newer\n"})
    world.first.git("push", "-q", "origin", "main")
    plan = world.plan(world.changes(*TRACKED))
    assert world.push_to_remote(plan)["refs/heads/main"] is PushStatus.MOVED
    assert world.refs()["refs/heads/main"] == newer
    command = next(one for one in plan.commands() if "heads/main" in one)
    assert world.repo.try_git(*shlex.split(command)[1:]).code != 0
    assert world.refs()["refs/heads/main"] == newer


def test_pushing_again_finds_all_of_it_done(world: World) -> None:
    plan = world.plan(world.changes(*TRACKED))
    world.push_to_remote(plan)
    assert set(world.push_to_remote(plan).values()) == {PushStatus.DONE}


def test_a_tag_that_the_remote_never_had_is_not_brought_there(world: World) -> None:
    plan = world.plan(world.changes("refs/tags/local-only", *TRACKED))
    assert world.push_to_remote(plan)["refs/tags/local-only"] is PushStatus.ABSENT
    assert "refs/tags/local-only" not in world.refs()


def test_a_ref_with_a_value_in_its_name_is_deleted_without_a_word_of_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = world.named.replace("heads", "remotes/origin")
    plan = world.plan(world.changes(*TRACKED, tracking))
    assert world.secret not in repr(plan)
    assert not any(world.secret in one for one in plan.commands())
    _spy(tmp_path, monkeypatch)
    fates = world.push_to_remote(plan)
    assert fates["refs/heads/fix-***"] is PushStatus.DELETED
    assert fates["refs/heads/fix-REMOVED"] is PushStatus.DONE
    assert not any(world.secret in ref for ref in world.refs())
    said = (tmp_path / "argv").read_text()
    assert "push" in said
    assert world.secret not in said


def _spy(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every git that is started write down its arguments and its environment."""
    from shutil import which

    program = place / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >>{place}/argv\nenv >>{place}/argv\nexec {which("git")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_refs_of_the_host_are_listed_and_left_alone(tmp_path: Path) -> None:
    world = World(tmp_path, "--mirror")
    refs = ("refs/heads/main", "refs/heads/stable", "refs/tags/v1", "refs/pull/7/head")
    plan = world.plan(world.changes(*refs))
    assert plan.readonly == ("refs/pull/7/head",)
    assert set(world.push_to_remote(plan).values()) == {PushStatus.DONE}
    assert world.refs()["refs/pull/7/head"] == world.old
    assert world.refs()["refs/heads/stable"] == world.new
    assert all("mirror=false" in command for command in plan.commands())


def test_fetched_pull_requests_are_the_hosts(world: World) -> None:
    plan = world.plan(world.changes(*TRACKED, "refs/pull/7/head"))
    assert plan.readonly == ("refs/pull/7/head",)
    github = "git@github.com:org/app.git"
    world.repo.git("remote", "set-url", "origin", github)
    assert "refs/pull/*/head" in unfetched_requests(remotes(world.opened), TRACKED)
    assert unfetched_requests(remotes(world.opened), ("refs/pull/7/head",)) == ""
    world.repo.git("remote", "set-url", "origin", str(world.server.path))
    assert unfetched_requests(remotes(world.opened), TRACKED) == ""


def test_refs_that_still_are_at_old_commits_are_told(world: World) -> None:
    networked = remote_push.with_network(world.opened, environment(), prompt=False)
    report = remote_push.push_to_remote(
        networked, world.plan(world.changes(*TRACKED)), key=KEY, old={world.old}
    )
    assert report.stale == (world.named, "refs/pull/7/head")


def test_a_protected_branch_is_told_with_the_hosts_own_words(world: World) -> None:
    hook = world.server.write(
        "hooks/update", '#!/bin/sh\n[ "$1" != refs/heads/main ] || { echo no; exit 1; }\n'
    )
    hook.chmod(0o755)
    fates = world.push_to_remote(world.plan(world.changes(*TRACKED)))
    assert fates["refs/heads/main"] is PushStatus.REFUSED
    assert fates["refs/heads/stable"] is PushStatus.DONE


def test_a_remote_that_is_gone_is_an_error_without_credentials(world: World) -> None:
    world.repo.git("remote", "set-url", "origin", "https://user:hunter2pass@127.0.0.1:9/x.git")
    with pytest.raises(Exception, match="origin") as caught:
        world.push_to_remote(world.plan(world.changes(*TRACKED)))
    assert "hunter2pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.sshCommand", "touch pwned;"),
        ("remote.origin.receivepack", "touch pwned; git-receive-pack"),
        ("credential.helper", "!touch pwned"),
        ("credential.https://x.helper", "!touch pwned"),
        ("remote.origin.vcs", "touch"),
    ],
)
def test_programs_of_the_repositorys_configuration_are_not_run(world: World, key: str, value: str) -> None:
    world.repo.git("config", key, value)
    with pytest.raises(RefusedError, match=key.partition(".")[0]):
        remote_push.with_network(world.opened, environment(), prompt=False)


def test_hooks_and_odd_transports_are_not_run(world: World) -> None:
    marker = world.repo.path / "pwned"
    hook = world.repo.write(".git/hooks/pre-push", f"#!/bin/sh\ntouch {marker}\nexit 1\n")
    hook.chmod(0o755)
    assert set(world.push_to_remote(world.plan(world.changes(*TRACKED))).values()) == {PushStatus.DONE}
    world.repo.git("config", "remote.origin.url", f"ext::sh -c 'touch {marker}'")
    with pytest.raises(Exception, match="origin"):
        world.push_to_remote(world.plan(world.changes(*TRACKED)))
    assert not marker.exists()


def test_two_purges_before_a_push_become_one(world: World) -> None:
    repository, newest = world.opened, "9" * 40
    assert pending.load(repository) == pending.NOTHING
    once = pending.NOTHING.joined([world.plan(world.changes(*TRACKED))], ["f" * 40], [])
    pending.save(repository, once)
    again = [RefChange(ref="refs/remotes/origin/main", old=world.new, new=newest)]
    twice = pending.load(repository).joined([world.plan(again)], ["e" * 40], ["a" * 64])
    assert {one.ref: (one.old, one.new) for one in twice.pushes["origin"]} == {
        "refs/heads/main": (world.old, newest),
        "refs/heads/stable": (world.old, world.new),
        "refs/tags/v1": (world.old, world.new),
    }
    assert twice.first == ("f" * 40, "e" * 40)
    left = twice.without("origin", ["refs/tags/v1", "refs/heads/stable"])
    assert [one.ref for one in left.plans(remotes(repository))[0].pushes] == ["refs/heads/main"]
    pending.forget(repository)
    assert pending.load(repository) == pending.NOTHING
    world.repo.write(".git/secops/purged/pushes.json", "{")
    with pytest.raises(ConfigError):
        pending.load(repository)


@pytest.mark.parametrize(
    ("url", "server", "path", "name"),
    [
        ("git@github.com:org/app.git", "github.com", "org/app", "GitHub"),
        (
            "https://user:pw@gitlab.example.org:8443/group/sub/app.git",
            "gitlab.example.org",
            "group/sub/app",
            "GitLab",
        ),
        ("ssh://git@bitbucket.org/team/app", "bitbucket.org", "team/app", "Bitbucket"),
        ("https://codeberg.org/me/app", "codeberg.org", "me/app", "Gitea or Forgejo"),
        ("git@git.example.org:app", "git.example.org", "app", "the host"),
        ("/srv/git/app.git", "", "", "the host"),
        ("../app.git", "", "", "the host"),
        ("file:///srv/app.git", "", "", "the host"),
    ],
)
def test_hosts_are_known_by_their_names(url: str, server: str, path: str, name: str) -> None:
    assert address(url) == (server, path)
    assert host_of(url).name == name


def test_collaborators_are_told_of_the_refs_of_all_remotes(world: World, tmp_path: Path) -> None:
    second = Repo.create(tmp_path / "second.git", "--bare")
    world.first.git("push", "-q", str(second.path), "main:refs/heads/only-there")
    world.repo.git("remote", "add", "second", str(second.path))
    world.repo.git("fetch", "-q", "second")
    done = hand_over(
        world.opened,
        FinishedPurge(
            name="purge",
            commits={world.old: world.new},
            gone=frozenset({world.old}),
            changes=world.changes("refs/remotes/origin/main", "refs/remotes/second/only-there"),
            first=(),
            large_files=(),
        ),
        str,
    )
    letter = Path(done.files["for collaborators"]).read_text(encoding="utf-8")
    assert f"{world.old} is now {world.new}" in letter
    assert {name for name in ("main", "only-there") if name in letter} == {"main", "only-there"}
    assert len([use for use in done.files if use.startswith("ticket for")]) == 2
