"""Purges of real repositories, in this very process, and a repository that has everything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from secopskit.conduct.tell import Silence
from secopskit.purge.model import ArchiveFate, Drop, PurgeOutcome, PurgeTarget
from secopskit.purge.plan import PurgePlan, make_plan
from secopskit.purge.swap.apply import apply_plan
from secopskit.purge.swap.preconditions import check_changes, check_repository
from secopskit.purge.swap.staged import staged_values
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.secret import SecretValue
from support.history import opened
from support.repos import Repo

KEY = bytes(32)


class Acting(Silence):
    """A listener that does something when a phase begins."""

    def __init__(self, act: Callable[[str], None]) -> None:
        self._act = act

    def phase(self, name: str) -> None:
        self._act(name)


def target(value: str | bytes, number: int = 1) -> PurgeTarget:
    """A value to be removed wherever it stands."""
    secret = SecretValue(value.encode() if isinstance(value, str) else value)
    return PurgeTarget(
        number=number,
        value=secret,
        label="a test's value",
        fingerprint=secret.fingerprint(KEY).text,
        rotated=True,
    )


def planned(
    repo: Repo,
    *values: str | bytes,
    drops: Iterable[Drop] = (),
    archives: ArchiveFate | None = ArchiveFate.DROP,
    unstage: bool = False,
) -> PurgePlan:
    """The plan of a purge that passes all preconditions."""
    repository = opened(repo)
    check_repository(repository)
    targets = tuple(target(value, number) for number, value in enumerate(values, 1))
    plan = make_plan(repository, targets, tuple(drops), archives=archives, jobs=1)
    if unstage:
        plan = replace(plan, unstage=staged_values(repository, plan.survey.blobs))
    matcher = ValueMatcher(targets)
    check_changes(repository, plan.survey, plan.extent, plan.drops, matcher, unstage=plan.unstage)
    return plan


def purge(
    repo: Repo,
    *values: str | bytes,
    drops: Iterable[Drop] = (),
    archives: ArchiveFate | None = ArchiveFate.DROP,
    backup_dir: Path | None = None,
    unstage: bool = False,
) -> PurgeOutcome:
    """Plan and apply; without a backup unless a place for it is given."""
    return apply_plan(
        opened(repo),
        planned(repo, *values, drops=drops, archives=archives, unstage=unstage),
        backup=backup_dir is not None,
        backup_dir=str(backup_dir) if backup_dir else None,
    )


def refs(repo: Repo) -> dict[str, str]:
    """What each ref and HEAD name."""
    lines = repo.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    found = dict(line.split(" ") for line in lines)
    head = repo.try_git("rev-parse", "HEAD")
    return found | ({"HEAD": head.out.strip()} if head.code == 0 else {})


def assert_whole(repo: Repo) -> None:
    """git itself has nothing to complain of."""
    fsck = repo.try_git("fsck", "--full", "--strict", "--no-dangling")
    assert (fsck.code, fsck.text) == (0, "")


def files_with(top: Path, value: str) -> list[str]:
    """The files below `top` in which the value stands as it is (not compressed)."""
    files = (path for path in top.rglob("*") if path.is_file() and not path.is_symlink())
    return [str(path.relative_to(top)) for path in files if value.encode() in path.read_bytes()]


def stored_large_file(repo: Repo, content: bytes) -> str:
    """A pointer to content that lies in the store, as Git LFS leaves it."""
    oid = hashlib.sha256(content).hexdigest()
    repo.write(f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}", content)
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def everything(path: Path, value: str) -> Repo:
    """A repository with the value in files, messages, a branch name, stashes and the configuration.

    Its first commit, and branch `old` at it, are clean.
    """
    repo = Repo.create(path)
    first = repo.commit({"a": "a\n", "b": "b\n", "kept/x": "x\n"})
    repo.git("branch", "old", first)
    repo.commit({".env": f"KEY={value}\n", "c": "1\n"})
    repo.commit({"c": "2\n"}, f"message with {value}")
    repo.git("tag", "-a", "v1", "-m", "a tag")
    repo.git("branch", f"feature-{value}")
    repo.git("remote", "add", "origin", f"https://user:{value}@example.org/x")
    for number in range(3):
        repo.write("c", f"stash {number}\n")
        repo.git("stash", "push", "-q", "-m", f"entry {number} {value}")
    return repo
