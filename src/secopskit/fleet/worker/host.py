"""How git reaches the host of a repository, what the host has now, and what it says where it refuses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

from secopskit.errors import GitError
from secopskit.fleet.model import FleetRepository
from secopskit.fleet.worker.address import scheme_of
from secopskit.git import process
from secopskit.git.repository import Repository
from secopskit.git.surroundings import environment, for_network
from secopskit.named_tuple import NamedTuple
from secopskit.secret import plain_digest

_BRANCH: Final = re.compile(rb"^ref: refs/heads/(\S+)\tHEAD$", re.MULTILINE)
_REF: Final = re.compile(rb"^[0-9a-f]{40,64}\trefs/[^\n]*$", re.MULTILINE)
_PEELED: Final = b"^{}"
# A transfer that has come to a stand ends by itself: bytes a second, seconds.
_STALLED: Final = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=120")
# What comes stays a pack: thousands of small files are slow, and nobody would pack them.
_PACKED: Final = ("-c", "fetch.unpackLimit=1")
_TOKENS: Final = ("TOKEN", "PASSWORD", "SECRET", "ASKPASS", "KEY")
_SIZE: Final = 16


class HostError(GitError):
    """The host has not given what it was asked for; nothing is wrong with what we have."""


class HostRefs(NamedTuple):
    """What a host has: the branch that its HEAD leads to, empty for none; a digest of that and all refs."""

    branch: str
    digest: str


class HostAccess(NamedTuple):
    """The way to the host of the repository `name`: its address, variables and settings for git."""

    name: str
    address: str
    variables: Mapping[str, str]
    settings: tuple[str, ...]

    @classmethod
    def to(
        cls, repository: FleetRepository, variables: Mapping[str, str], answers: Mapping[str, str]
    ) -> HostAccess:
        """The way to `repository`. `variables` are the worker's own, `answers` those that let git in.

        See `askpass`; without `answers`, git has what the user has set up for it. Raises RefusedError.
        """
        reach = for_network(variables)
        if answers:
            reach = {name: value for name, value in reach.items() if not _is_secret(name)}
        own = environment(variables, hook=False)
        there = {"GIT_ALLOW_PROTOCOL": scheme_of(repository.address), "GIT_TERMINAL_PROMPT": "0"}
        helper = ("-c", "credential.helper=") if answers else ()
        settings = (*helper, *_STALLED, *_PACKED)
        return cls(repository.name, repository.address, {**own, **reach, **answers, **there}, settings)

    def refs(self, branch: str = "") -> HostRefs:
        """What the host has now; `branch` where somebody has told which one is HEAD's. Raises HostError."""
        # No repository that lies around us has a say.
        environ = {**self.variables, "GIT_DIR": os.devnull}
        told = self._run(os.sep, environ, "ls-remote", "--symref", self.address)
        if not branch and (found := _BRANCH.search(told)):
            branch = os.fsdecode(found[1])
        return HostRefs(branch, refs_digest(branch, _REF.findall(told)))

    def fetch(self, mirror: Repository, *words: str) -> None:
        """`git fetch` of a mirror. Raises HostError, or GitError."""
        self._run(mirror.root, {**mirror.environ, **self.variables}, "fetch", *words)

    def _run(self, directory: str, environ: Mapping[str, str], command: str, *words: str) -> bytes:
        done = process.run(directory, environ, (*self.settings, command, *words))
        if done.returncode == 0:
            return done.stdout
        raise _refused(self.name, command, done.stderr, done.returncode)


def refs_digest(branch: str, refs: Iterable[bytes]) -> str:
    """A digest, in hexadecimal, of the branch that HEAD leads to and of lines `<id><tab><ref>`."""
    lines = sorted(one for one in refs if not one.endswith(_PEELED))
    return plain_digest(b"\n".join((os.fsencode(branch), *lines)), _SIZE)


def _is_secret(name: str) -> bool:
    return any(part in name.upper() for part in _TOKENS)


def _refused(name: str, command: str, complaints: bytes, code: int) -> GitError:
    """What git complains of, in words that say what to do."""
    said = complaints.decode("utf-8", "replace").lower()
    if "could not read username" in said or "could not read password" in said or "authentication" in said:
        return HostError(
            f"{name}: the host lets nobody in without a token, or not with this one",
            advice="The token needs the permission to read the repository's contents.",
        )
    if "not found" in said or "returned error: 40" in said:
        return HostError(
            f"{name}: it is not there, or the token may not read it",
            advice="The token needs the permission to read the repository's contents.",
        )
    return process.failed((command,), complaints, code)
