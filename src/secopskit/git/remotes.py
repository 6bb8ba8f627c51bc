"""The remotes of a repository: who hosts them, and which of their refs we follow."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.errors import GitError
from secopskit.git.hosts import Host, address, host_of
from secopskit.git.repository import Repository


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
    """The remotes of the configuration. Raises GitError."""
    names = repository.run("remote").decode("utf-8", "surrogateescape").splitlines()
    return tuple(_remote(repository, name) for name in names)


def _remote(repository: Repository, name: str) -> Remote:
    urls = _settings(repository, f"remote.{name}.pushurl") or _settings(repository, f"remote.{name}.url")
    url = urls[0] if urls else ""
    server, path = address(url)
    pairs = (one.lstrip("+").partition(":") for one in _settings(repository, f"remote.{name}.fetch"))
    return Remote(
        name=name,
        host=host_of(url),
        server=server,
        path=path,
        refspecs=tuple((there, here) for there, _, here in pairs if here and not there.startswith("^")),
        mirror=_settings(repository, f"remote.{name}.mirror")[-1:] == ["true"],
    )


def _settings(repository: Repository, key: str) -> list[str]:
    try:
        answer = repository.run("config", "--null", "--get-all", key)
    except GitError:
        return []
    return answer.decode("utf-8", "surrogateescape").split("\0")[:-1]
