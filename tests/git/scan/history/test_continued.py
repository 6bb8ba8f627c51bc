"""Scans of a history that goes on: each tells what a scan of all of it tells, whatever came in between."""

from __future__ import annotations

import random

import pytest

from secopskit.git.history import treelog
from secopskit.git.history.events import Commit, Event, Events
from secopskit.git.history.log import Log
from secopskit.scan.history import stages
from secopskit.scan.history.memory.commits import Standing, merged
from support.history import line, scan, told
from support.repos import Repo
from support.values import alnum, github_token


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> list[Log]:
    """The logs of whole histories that were read."""
    made: list[Log] = []

    class Noted(Log):
        def __init__(self, *words: object, **others: object) -> None:
            super().__init__(*words, **others)  # type: ignore[arg-type]  # the words of a log
            made.append(self)

    for module in (stages, treelog):
        monkeypatch.setattr(module, "Log", Noted)
    return made


class _Growing:
    """A history that grows at random: files, branches, merges, tags, stashes, rewritten and lost branches."""

    def __init__(self, repo: Repo, seed: int) -> None:
        self._repo = repo
        self._chance = random.Random(seed)
        self._texts = [line(github_token()) for _ in range(4)]
        self._texts += [
            f"[options]\nadmin_passwd = {alnum(16)}\n",
            "plain\n",
            f"db:\n  password: {alnum(18)}\n",
        ]
        self._clock = 1_700_000_000

    def step(self) -> None:
        """One change."""
        kinds = (self._commit, self._commit, self._commit, self._branch, self._merge, self._other)
        self._chance.choice(kinds)()

    def _git(self, *words: str) -> bool:
        self._clock += self._chance.choice((0, 60))  # several commits in one second
        when = f"{self._clock} +0000"
        env = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        return self._repo.try_git(*words, env=env).code == 0

    def _commit(self) -> None:
        for _ in range(self._chance.randint(1, 2)):
            name = self._chance.choice(("a.py", "b.py", "odoo.conf", "db.yml", "notes.xyz", "d/.env"))
            if self._chance.random() < 0.25:
                self._git("rm", "-q", "--ignore-unmatch", name)
            else:
                text = "".join(self._chance.sample(self._texts, self._chance.randint(1, 2)))
                self._repo.write(name, text)
        self._git("add", "-A")
        token = github_token() if self._chance.random() < 0.1 else ""
        self._git("commit", "-q", "--allow-empty", "-m", f"message {token}")

    def _branch(self) -> None:
        name = self._chance.choice(("one", "two", "three"))
        if not self._git("checkout", "-q", name):
            self._git("checkout", "-q", "-b", name)

    def _merge(self) -> None:
        if not self._git("merge", "-q", "--no-edit", self._chance.choice(("one", "two", "main"))):
            self._git("checkout", "-q", "--theirs", ".")
            self._git("add", "-A")
            self._git("commit", "-q", "-m", "merge")

    def _other(self) -> None:
        words: tuple[tuple[str, ...], ...] = (
            ("tag", "-f", "t1"),
            ("tag", "-f", "-a", "-m", f"tag {github_token()}", "t2"),
            ("branch", "-D", "one"),
            ("reset", "-q", "--hard", "HEAD~1"),
            ("commit", "-q", "--amend", "--allow-empty", "-m", "amended"),
            ("stash",),
            ("reflog", "expire", "--expire=now", "--all"),
            ("gc", "-q"),
            ("gc", "-q", "--prune=now"),
        )
        self._git(*self._chance.choice(words))


@pytest.mark.parametrize("seed", range(4))
def test_a_history_in_pieces_is_the_history(repo: Repo, seed: int) -> None:
    history = _Growing(repo, seed)
    for _ in range(5):
        for _ in range(4):
            history.step()
        assert told(scan(repo, cache=True)) == told(scan(repo))


def test_only_new_commits_are_told_of(repo: Repo, logs: list[Log]) -> None:
    repo.commit({"a.py": line(github_token())})
    scan(repo, cache=True)
    assert len(logs) == 1
    repo.commit({"b.py": line(github_token())})
    repo.git("rm", "-q", "a.py")
    repo.commit({})
    assert told(scan(repo, cache=True)) == told(scan(repo))
    repo.git("branch", "other", "HEAD~1")
    assert told(scan(repo, cache=True)) == told(scan(repo))
    assert len(logs) == 3  # of those without what was kept


def test_of_a_rewritten_history_all_is_told(repo: Repo, logs: list[Log]) -> None:
    repo.commit({"a.py": line(github_token())})
    scan(repo, cache=True)
    repo.git("commit", "-q", "--amend", "-m", "another")
    repo.git("reflog", "expire", "--expire=now", "--all")
    assert told(scan(repo, cache=True)) == told(scan(repo))
    assert len(logs) == 3


def test_what_is_gone_is_not_counted(repo: Repo) -> None:
    for kept in (True, False):  # in what is there, and what no commit has
        repo.git("hash-object", "-w", "--stdin", stdin=line(github_token()).encode())
        first = scan(repo, cache=True)
        repo.git("prune", "--expire=now")
        if kept:
            repo.commit({"a.py": line(github_token())})
        again, cold = scan(repo, cache=True), scan(repo)
        assert told(again) == told(cold) != told(first)
        assert again.stats.blobs == cold.stats.blobs


def test_events_of_two_logs_are_those_of_one() -> None:
    at = {name: Commit(name, "Ada", "", 0, (), 0, n) for n, name in enumerate("edcba")}

    def events(*names: str) -> Events:
        found = [Event(at[name], "a.py", name in "ac", "") for name in names]
        return Events(by_blob={"blob": found}, commits={name: at[name] for name in names[:1]})

    standing = Standing(5, {name: (commit.position, 1) for name, commit in at.items() if name != "d"})
    both = merged(events("d", "c", "a"), events("e", "b"), standing)
    assert [event.commit.oid for event in both.by_blob["blob"]] == ["e", "c", "b", "a"]
    assert both.commits.keys() == {"e"}
    assert all(event.commit.refs == 1 for event in both.by_blob["blob"])
