"""A mirror of a hosted repository: cloned once, fetched from then on, taken up again after a kill."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from secopskit.errors import GitError, SecopsError
from secopskit.fleet.model import FleetRepository
from secopskit.fleet.worker.address import scheme_of
from secopskit.fleet.worker.shelf import discard
from secopskit.git import process
from secopskit.git.repository import Repository
from secopskit.git.surroundings import environment, for_network
from secopskit.settings.environment import inherited

_MIRROR: Final = "+refs/*:refs/*"
_BRANCH: Final = re.compile(rb"ref: (refs/heads/\S+)\tHEAD")
# A transfer that has come to a stand ends by itself: bytes a second, seconds.
_STALLED: Final = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=120")
_QUIET_FETCH: Final = (
    *("fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head"),
    *("--no-recurse-submodules", "--no-auto-maintenance", "--no-show-forced-updates"),
)
_TOKENS: Final = ("TOKEN", "PASSWORD", "SECRET", "ASKPASS", "KEY")


def bring(
    repository: FleetRepository,
    path: str,
    variables: Mapping[str, str],
    answers: Mapping[str, str],
    *,
    largest_blob: int = 0,
) -> Repository:
    """The mirror at `path`, with all that the host has now. The caller holds its lock.

    `variables` are the worker's own, `answers` those with which git is let in (`askpass`); without them it
    has what the user has set up for git. Raises GitError, RefusedError.
    """
    scheme = scheme_of(repository.address)
    mirror = _opened(path, repository, largest_blob)
    reaching = mirror._replace(environ=_environment(mirror.environ, variables, answers, scheme))
    helper = ("-c", "credential.helper=") if answers else ()
    partial = (f"--filter=blob:limit={largest_blob}",) if largest_blob else ()
    _run(reaching, repository.name, *helper, *_STALLED, *_QUIET_FETCH, *partial, "origin", _MIRROR)
    _set_head(mirror, repository.branch or _told_branch(reaching, helper))
    return mirror


def _opened(path: str, repository: FleetRepository, largest_blob: int) -> Repository:
    """The mirror that is there, made fit to go on with; or a new one, empty. Raises GitError."""
    if os.path.isdir(path):
        _remove_leftovers(path)
        mirror = _mirror_at(path)
        if mirror is not None:
            return mirror
        discard(path)
    made = path + ".new"
    discard(made)
    _git(os.path.dirname(path), "init", "--quiet", "--bare", "--template=", made)
    for name, value in _settings(repository.address, largest_blob):
        _git(made, "config", name, value)
    os.rename(made, path)
    mirror = _mirror_at(path)
    if mirror is None:
        raise GitError(f"{path}: cannot be made a repository", advice="Is there room on the disk?")
    return mirror


def _settings(address: str, largest_blob: int) -> list[tuple[str, str]]:
    settings = [("remote.origin.url", address), ("remote.origin.fetch", _MIRROR), ("gc.auto", "0")]
    if largest_blob:
        settings += [
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", f"blob:limit={largest_blob}"),
        ]
    return settings


def _mirror_at(path: str) -> Repository | None:
    mirror = Repository.open(path)
    same = mirror is not None and os.path.realpath(mirror.common_dir) == os.path.realpath(path)
    return mirror if same else None


def _remove_leftovers(path: str) -> None:
    """Remove what a killed git has left: its locks, and the packs that it had not finished."""
    for directory, _, files in os.walk(path):
        for name in files:
            if name.endswith(".lock") or name.startswith("tmp_"):
                os.unlink(os.path.join(directory, name))


def _environment(
    own: Mapping[str, str], variables: Mapping[str, str], answers: Mapping[str, str], scheme: str
) -> dict[str, str]:
    """What git gets to reach the host: proxies and certificates; the user's own helpers only without ours."""
    reach = for_network(variables)
    if answers:
        reach = {name: value for name, value in reach.items() if not _is_secret(name)}
    return {**own, **reach, **answers, "GIT_ALLOW_PROTOCOL": scheme, "GIT_TERMINAL_PROMPT": "0"}


def _is_secret(name: str) -> bool:
    return any(part in name.upper() for part in _TOKENS)


def _told_branch(reaching: Repository, helper: tuple[str, ...]) -> str:
    """The branch that HEAD of the host leads to; empty where it leads to none."""
    found = _BRANCH.search(_run(reaching, "the remote", *helper, "ls-remote", "--symref", "origin", "HEAD"))
    return os.fsdecode(found[1]).removeprefix("refs/heads/") if found else ""


def _set_head(mirror: Repository, branch: str) -> None:
    if branch and mirror.succeeds("check-ref-format", f"refs/heads/{branch}"):
        target = f"refs/heads/{branch}"
        if os.fsdecode(mirror.run("symbolic-ref", "--quiet", "HEAD")).rstrip("\n") != target:
            mirror.run("symbolic-ref", "HEAD", target)


def _run(repository: Repository, name: str, *arguments: str) -> bytes:
    done = process.run(repository.root, repository.environ, arguments)
    if done.returncode == 0:
        return done.stdout
    raise _refused(name, done.stderr, done.returncode)


def _refused(name: str, complaints: bytes, code: int) -> SecopsError:
    """What git complains of, in words that say what to do."""
    words = complaints.decode("utf-8", "replace").lower()
    if "could not read username" in words or "could not read password" in words or "authentication" in words:
        return GitError(
            f"{name}: the host lets nobody in without a token, or not with this one",
            advice="The token needs the permission to read the repository's contents.",
        )
    if "not found" in words or "returned error: 40" in words:
        return GitError(
            f"{name}: it is not there, or the token may not read it",
            advice="The token needs the permission to read the repository's contents.",
        )
    return process.failed(("fetch",), complaints, code)


def _git(directory: str, *arguments: str) -> None:
    done = process.run(directory, environment(inherited(), hook=False), arguments)
    if done.returncode != 0:
        raise process.failed(arguments, done.stderr, done.returncode)
