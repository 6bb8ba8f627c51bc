"""The remotes of a repository: who hosts them, and which of their refs we follow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from secopskit.errors import GitError
from secopskit.git.hosts import Host, address, host_of
from secopskit.git.repository import Repository

_TRUE: Final = frozenset({"true", "yes", "on", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A remote of the repository. `refspecs` are pairs: its refs, and where ours follow them."""

    name: str
    host: Host
    server: str
    path: str
    refspecs: tuple[tuple[str, str], ...]
    mirror: bool = False


def remotes(repository: Repository) -> tuple[Remote, ...]:
    """The remotes that git knows. Raises GitError."""
    names = os.fsdecode(repository.run("remote")).splitlines()
    settings = _settings(repository) if names else {}
    return tuple(_remote(name, settings) for name in names)


def narrow_remotes(repository: Repository) -> tuple[str, ...]:
    """The remotes of which a fetch brings only some branches, as in a clone of one. Raises GitError."""
    return tuple(
        one.name
        for one in remotes(repository)
        if one.refspecs and not any(there in ("refs/heads/*", "refs/*") for there, _ in one.refspecs)
    )


def _settings(repository: Repository) -> Mapping[str, Sequence[str | None]]:
    """What is set of remotes: all values of each setting, the one that counts last; None has no value.

    What our own git is told for safety is not among them.
    """
    try:
        told = repository.run("config", "--show-scope", "--null", "--get-regexp", r"^remote\.")
    except GitError:  # nothing is
        return {}
    fields = os.fsdecode(told).split("\0")
    found = dict[str, list[str | None]]()
    for scope, entry in zip(fields[::2], fields[1::2], strict=False):
        name, has_value, value = entry.partition("\n")
        if scope != "command":
            found.setdefault(name, []).append(value if has_value else None)
    return found


def _remote(name: str, settings: Mapping[str, Sequence[str | None]]) -> Remote:
    def values(setting: str) -> Sequence[str | None]:
        return settings.get(f"remote.{name}.{setting}", ())

    urls = [url for url in values("pushurl") or values("url") if url]
    url = urls[0] if urls else ""
    server, path = address(url)
    pairs = (one.lstrip("+").partition(":") for one in values("fetch") if one)
    return Remote(
        name=name,
        host=host_of(url),
        server=server,
        path=path,
        refspecs=tuple((there, here) for there, _, here in pairs if here and not there.startswith("^")),
        mirror=_is_true(values("mirror")),
    )


def _is_true(values: Sequence[str | None]) -> bool:
    """Whether a setting with these values is on, as git reads it: one without a value is."""
    return bool(values) and (values[-1] is None or values[-1].lower() in _TRUE)
