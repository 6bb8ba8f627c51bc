"""A mirror of a hosted repository: cloned once, fetched from then on, taken up again after a kill."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from secopskit.errors import GitError
from secopskit.fleet.worker.host import HostAccess, HostError, refs_digest
from secopskit.fleet.worker.shelf import discard
from secopskit.git import process
from secopskit.git.process import GitKilledError
from secopskit.git.repository import Repository
from secopskit.git.surroundings import environment
from secopskit.settings.environment import inherited

_MIRROR: Final = "+refs/*:refs/*"
_URL, _FILTER = "remote.origin.url", "remote.origin.partialclonefilter"
_QUIET: Final = (
    *("--quiet", "--prune", "--no-tags", "--no-write-fetch-head"),
    *("--no-recurse-submodules", "--no-auto-maintenance", "--no-show-forced-updates"),
)
_MOST_PACKS: Final = 16
_FSCK: Final = ("fsck", "--connectivity-only", "--no-dangling", "--no-progress")


def bring(access: HostAccess, path: str, branch: str, *, largest_blob: int = 0) -> Repository:
    """The mirror at `path`, with all that the host has now, and `branch` as HEAD. The caller holds its lock.

    Raises HostError where nothing is wrong with the mirror, GitError where it is damaged.
    """
    mirror = _opened(path, access.address, _filter(largest_blob))
    filtered = (f"--filter={wanted}",) if (wanted := _filter(largest_blob)) else ()
    try:
        access.fetch(mirror, *_QUIET, *filtered, "origin", _MIRROR)
    except (GitKilledError, HostError):
        raise
    except GitError as error:
        if is_whole(mirror):
            raise HostError(str(error), advice=error.advice) from None
        raise
    _set_head(mirror, branch)
    _pack(mirror)
    return mirror


def refs_of(mirror: Repository, branch: str) -> str:
    """What `HostRefs.digest` is where the host has what the mirror has."""
    listed = mirror.run("for-each-ref", "--format=%(objectname)%09%(refname)")
    return refs_digest(branch, listed.splitlines())


def is_whole(mirror: Repository) -> bool:
    """Whether git can follow all that the refs of a mirror lead to; so, too, where it cannot tell."""
    try:
        return mirror.succeeds(*_FSCK)
    except GitError:
        return True


def _filter(largest_blob: int) -> str:
    return f"blob:limit={largest_blob}" if largest_blob else ""


def _opened(path: str, address: str, wanted: str) -> Repository:
    """The mirror that is there, made fit to go on with; or a new one, empty. Raises GitError.

    One that was made with another filter is none: git would go on to leave out what it leaves out.
    """
    if os.path.isdir(path):
        _remove_leftovers(path)
        mirror = _mirror_at(path)
        if mirror is not None and _setting(mirror, _FILTER) == wanted:
            if _setting(mirror, _URL) != address:
                mirror.run("config", _URL, address)
            return mirror
        discard(path)
    made = path + ".new"
    discard(made)
    _git(os.path.dirname(path), "init", "--quiet", "--bare", "--template=", made)
    for name, value in _settings(address, wanted):
        _git(made, "config", name, value)
    os.rename(made, path)
    mirror = _mirror_at(path)
    if mirror is None:
        raise GitError(f"{path}: cannot be made a repository", advice="Is there room on the disk?")
    return mirror


def _settings(address: str, wanted: str) -> list[tuple[str, str]]:
    settings = [(_URL, address), ("remote.origin.fetch", _MIRROR), ("gc.auto", "0")]
    return settings + ([("remote.origin.promisor", "true"), (_FILTER, wanted)] if wanted else [])


def _setting(mirror: Repository, name: str) -> str:
    """What the mirror's own settings say, empty where they say nothing."""
    done = process.run(mirror.root, mirror.environ, ("config", "--local", "--get", name))
    return os.fsdecode(done.stdout).rstrip("\n")


def _mirror_at(path: str) -> Repository | None:
    """The repository at `path` itself; None where there is none, or a damaged one."""
    try:
        mirror = Repository.open(path)
    except GitKilledError:
        raise
    except GitError:
        return None
    same = mirror is not None and os.path.realpath(mirror.common_dir) == os.path.realpath(path)
    return mirror if same else None


def _remove_leftovers(path: str) -> None:
    """Remove what a killed git has left: its locks, and the packs that it had not finished."""
    objects = os.path.join(path, "objects")
    for directory, _, files in os.walk(path):
        # Branches may be called like temporary files; no ref ends as a lock does.
        among_objects = directory == objects or directory.startswith(objects + os.sep)
        for name in files:
            if name.endswith(".lock") or (among_objects and name.startswith("tmp_")):
                os.unlink(os.path.join(directory, name))


def _set_head(mirror: Repository, branch: str) -> None:
    if branch and mirror.succeeds("check-ref-format", f"refs/heads/{branch}"):
        target = f"refs/heads/{branch}"
        if os.fsdecode(mirror.run("symbolic-ref", "--quiet", "HEAD")).rstrip("\n") != target:
            mirror.run("symbolic-ref", "HEAD", target)


def _pack(mirror: Repository) -> None:
    """Make one pack of many: each fetch brings another. What no ref leads to any more stays in it."""
    packs = os.listdir(os.path.join(mirror.common_dir, "objects", "pack"))
    if sum(name.endswith(".pack") for name in packs) > _MOST_PACKS:
        with suppress(GitError):  # it is as good with many
            mirror.run("repack", "-a", "-d", "-k", "-n", "-q")


def _git(directory: str, *arguments: str) -> None:
    done = process.run(directory, environment(inherited(), hook=False), arguments)
    if done.returncode != 0:
        raise process.failed(arguments, done.stderr, done.returncode)
