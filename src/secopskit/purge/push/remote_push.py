"""The push to a remote: the one place of the purge that speaks to other machines.

First the remote is asked what it has; then git pushes, each ref under its lease, and says for each
what came of it. Programs that the repository's own configuration names are not run: with
such a configuration the push is refused, and left to the printed commands.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from secopskit.errors import GitError, RefusedError
from secopskit.git import process
from secopskit.git.repository import Repository
from secopskit.git.surroundings import for_network
from secopskit.git.worktrees import with_variables
from secopskit.purge.push.plan import Push, PushPlan
from secopskit.state.fingerprint_key import require_same_key, sealed
from secopskit.state.private import write_new

_BATCH: Final = 100
_PROTOCOLS: Final = "file:git:http:https:ssh"
_RUNS_PROGRAMS: Final = re.compile(
    r"core\.(?:sshcommand|gitproxy|askpass|alternaterefscommand)|credential\.(?:.*\.)?helper"
    r"|remote\..*\.(?:vcs|receivepack|uploadpack)"
)
_QUIET: Final = ("--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
_UNNAMED: Final = "secops-purge"  # a remote of ours: a URL that no command line tells
_REASON: Final = re.compile(r"\((.*)\)\s*$")
_CREDENTIALS: Final = re.compile(r"//[^/@\s]*@")


EVERY_REF: Final = "refs/*"
"""Stands for all refs of a remote that could not be asked."""


class PushStatus(Enum):
    """The status of a ref after a push. The value is what reports print."""

    DONE = "replaced"
    DELETED = "deleted"
    ABSENT = "not there"
    MOVED = "has moved since it was fetched"
    REFUSED = "refused"
    UNKNOWN = "could not be asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A ref of a remote after the push. `reason` is the host's word."""

    remote: str
    ref: str
    status: PushStatus
    reason: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.status in (PushStatus.DONE, PushStatus.DELETED, PushStatus.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReport:
    """The report of a push. `stale` are refs there that still are at an old commit or tag.

    So are those of `elsewhere`, at URLs of the remote that are fetched from and not pushed to, or the like.
    """

    results: tuple[Pushed, ...]
    stale: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def name_digest(key: bytes, ref: str) -> str:
    """What stands for the name of a ref that holds a value: keyed, so that it confirms no guess."""
    return sealed(key, b"ref", ref)


def with_network(repository: Repository, variables: Mapping[str, str], *, prompt: bool) -> Repository:
    """The repository for commands that reach others, with what the user's own `variables` say of how.

    Raises RefusedError where the repository's configuration names programs to run for it.
    """
    named = [key for key in _own_settings(repository) if _RUNS_PROGRAMS.fullmatch(key)]
    if named:
        raise RefusedError(
            f"the repository's own configuration names what a push would run: {', '.join(sorted(named))}",
            advice="If you trust it, run the printed `git push` commands yourself.",
        )
    asks = {"GIT_TERMINAL_PROMPT": "1" if prompt else "0", "GIT_ALLOW_PROTOCOL": _PROTOCOLS}
    return repository._replace(environ={**repository.environ, **for_network(variables), **asks})


def _own_settings(repository: Repository) -> set[str]:
    fields = repository.run("config", "--list", "--show-scope", "-z").decode("utf-8", "replace").split("\0")
    scoped = zip(fields[::2], fields[1::2], strict=False)
    return {entry.partition("\n")[0].lower() for scope, entry in scoped if scope in ("local", "worktree")}


def push_to_remote(repository: Repository, plan: PushPlan, *, key: bytes, old: Collection[str]) -> PushReport:
    """Push what the plan says, if anything, and ask for what is left of the old history.

    `old` are the ids of commits and tags that are to be gone. `repository` comes from `with_network`, `key`
    is its fingerprint key. Raises GitError if a remote that is to be pushed to cannot be reached;
    RefusedError for a ref whose name another key hides.
    """
    for push in plan.pushes:
        if push.digest:
            require_same_key(key, push.digest, of="what is to be pushed")
    first, *others = _urls(repository, plan.remote.name)
    try:
        there = _refs_of(repository, plan.remote.name, first)
    except GitError as error:
        if plan.pushes:
            raise
        return PushReport(results=(_unasked(plan, error),))
    results, todo = _sorted(plan, there, key)
    plain = [push for push in todo if not push.digest]
    for start in range(0, len(plain), _BATCH):
        results += _push(repository, plan, plain[start : start + _BATCH])
    shown = {digest: push.ref for push in plan.pushes if (digest := push.digest)}
    results += _delete_unnamed(repository, plan, [push for push in todo if push.digest], shown)
    stale = _stale(there, old).difference(push.ref for push in todo)
    elsewhere = set[str]()
    for url in others:
        try:
            elsewhere |= _stale(_refs_of(repository, plan.remote.name, url), old)
        except GitError as error:
            results.append(_unasked(plan, error))
    return PushReport(results=tuple(results), stale=tuple(sorted(stale)), elsewhere=tuple(sorted(elsewhere)))


def _sorted(plan: PushPlan, there: Mapping[str, str], key: bytes) -> tuple[list[Pushed], list[Push]]:
    """What is as it should be or must be left alone, and what is to be pushed, under its name there."""
    named = {name_digest(key, ref): ref for ref in there} if any(p.digest for p in plan.pushes) else {}
    results, todo = list[Pushed](), list[Push]()
    for push in plan.pushes:
        name = named.get(push.digest, "") if push.digest else push.ref
        status = _already(push, there.get(name, ""))
        if status:
            results.append(Pushed(remote=plan.remote.name, ref=push.ref, status=status))
        else:
            todo.append(replace(push, ref=name))
    return results, todo


def _stale(there: Mapping[str, str], old: Collection[str]) -> set[str]:
    return {ref for ref, oid in there.items() if oid in old and ref != "HEAD" and not ref.endswith("^{}")}


def _unasked(plan: PushPlan, error: GitError) -> Pushed:
    return Pushed(remote=plan.remote.name, ref=EVERY_REF, status=PushStatus.UNKNOWN, reason=str(error))


def _urls(repository: Repository, remote: str) -> tuple[str, ...]:
    """Where pushes go, and where else the remote is; empty for a remote that is at one place."""
    pushed, fetched = _listed_urls(repository, remote, "--push"), _listed_urls(repository, remote)
    urls = tuple(dict.fromkeys((*pushed, *fetched[:1])))
    return urls if len(urls) > 1 else ("",)


def _listed_urls(repository: Repository, remote: str, *words: str) -> list[str]:
    try:
        return os.fsdecode(repository.run("remote", "get-url", "--all", *words, "--", remote)).splitlines()
    except GitError:  # it has none: whoever pushes is told
        return []


def _already(push: Push, found: str) -> PushStatus | None:
    """The status of a ref that need not or must not be pushed; None for one that is to be."""
    if found == push.new:
        return PushStatus.DONE if push.new else PushStatus.ABSENT
    if not found and push.old:
        return PushStatus.ABSENT
    return PushStatus.MOVED if found != push.old else None


def _refs_of(repository: Repository, remote: str, url: str = "") -> dict[str, str]:
    """What a remote has, at this `url` of several. It may hold a password: no command line tells it."""
    if url:
        setting = {"GIT_CONFIG_KEY_0": f"remote.{_UNNAMED}.url", "GIT_CONFIG_VALUE_0": url}
        repository = with_variables(repository, GIT_CONFIG_COUNT="1", **setting)
    done = _run(repository, "ls-remote", "--quiet", "--", _UNNAMED if url else remote)
    if done.returncode:
        raise GitError(f"{remote}: {_complaint(done)}", advice="Is the remote reachable, and may you write?")
    lines = (line.partition(b"\t") for line in done.stdout.splitlines())
    return {os.fsdecode(ref): oid.decode("ascii", "replace") for oid, _, ref in lines}


def _push(repository: Repository, plan: PushPlan, pushes: list[Push]) -> list[Pushed]:
    leases, refspecs = zip(*(push.words for push in pushes), strict=True)
    words = ("push", "--porcelain", *_QUIET, *leases, "--", plan.remote.name, *refspecs)
    return _outcomes(repository, plan, pushes, (*_unmirrored(plan), *words))


def _unmirrored(plan: PushPlan) -> tuple[str, ...]:
    """A mirror's push replaces everything, unless it is told not to be one."""
    return ("-c", f"remote.{plan.remote.name}.mirror=false") if plan.remote.mirror else ()


def _delete_unnamed(
    repository: Repository, plan: PushPlan, pushes: list[Push], shown: Mapping[str, str]
) -> list[Pushed]:
    """Delete refs whose names hold a value, and so must not stand in any command line.

    They go to git in a file of ours, as what another remote of the same address pushes.
    """
    if not pushes:
        return []
    url = repository.run("remote", "get-url", "--push", plan.remote.name).decode("utf-8", "surrogateescape")
    lines = [f'[remote "{_UNNAMED}"]', f"url = {_quoted(url.removesuffix(chr(10)))}"]
    lines += [f"push = {_quoted(f':{push.ref}')}" for push in pushes]
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "config")
        write_new(path, os.fsencode("\n".join(lines) + "\n"))
        words = ("-c", f"include.path={path}", "push", "--porcelain", *_QUIET, _UNNAMED)
        outcomes = _outcomes(repository, plan, pushes, words)
    names = {push.ref: shown[push.digest] for push in pushes}
    return [replace(one, ref=names[one.ref]) for one in outcomes]


def _quoted(text: str) -> str:
    """`text` as a value in a git configuration file."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _outcomes(
    repository: Repository, plan: PushPlan, pushes: list[Push], words: tuple[str, ...]
) -> list[Pushed]:
    """Run the push; what git says of each ref, or that the whole of it failed."""
    done = _run(repository, *words)
    said = dict(_said(done.stdout))
    failed = (PushStatus.REFUSED, _complaint(done))
    return [
        Pushed(remote=plan.remote.name, ref=push.ref, status=status, reason=reason)
        for push in pushes
        for status, reason in [said.get(push.ref, failed)]
    ]


def _said(output: bytes) -> list[tuple[str, tuple[PushStatus, str]]]:
    """By ref, from the lines `<flag> TAB <from>:<to> TAB <summary> (<reason>)`."""
    said = []
    for line in os.fsdecode(output).splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and len(fields[0]) == 1:
            ref = fields[1].partition(":")[2]
            reason = _REASON.search(fields[2])
            said.append((ref, _status(fields[0], reason[1] if reason else "")))
    return said


def _status(flag: str, reason: str) -> tuple[PushStatus, str]:
    if flag == "!":
        return (PushStatus.MOVED if reason == "stale info" else PushStatus.REFUSED), reason
    return (PushStatus.DELETED if flag == "-" else PushStatus.DONE), ""


def _complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    """git's own last word, without credentials that a URL may hold."""
    words = done.stderr.decode("utf-8", "replace").strip().splitlines() or [
        f"git exited with {done.returncode}"
    ]
    fatal = next((line for line in words if line.startswith(("fatal:", "error:"))), words[-1])
    return _CREDENTIALS.sub("//***@", fatal.partition(": ")[2] or fatal)


def _run(repository: Repository, *words: str) -> subprocess.CompletedProcess[bytes]:
    # Not `repository.run`: it drops what a push says before it fails.
    return process.run(repository.root, repository.environ, words, foreground=True)
