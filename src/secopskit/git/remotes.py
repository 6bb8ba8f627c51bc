"""The remotes of a repository: who hosts them, and which of their refs we follow."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.git.facts import RepositoryFacts
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
    facts = RepositoryFacts(repository)
    return tuple(_remote(facts, name) for name in facts.remotes())


def narrow_remotes(repository: Repository) -> tuple[str, ...]:
    """The remotes of which a fetch brings only some branches, as in a clone of one. Raises GitError."""
    return tuple(
        one.name
        for one in remotes(repository)
        if one.refspecs and not any(there in ("refs/heads/*", "refs/*") for there, _ in one.refspecs)
    )


def _remote(facts: RepositoryFacts, name: str) -> Remote:
    urls = facts.values(f"remote.{name}.pushurl") or facts.values(f"remote.{name}.url")
    url = urls[0] if urls else ""
    server, path = address(url)
    pairs = (one.lstrip("+").partition(":") for one in facts.values(f"remote.{name}.fetch"))
    return Remote(
        name=name,
        host=host_of(url),
        server=server,
        path=path,
        refspecs=tuple((there, here) for there, _, here in pairs if here and not there.startswith("^")),
        mirror=facts.values(f"remote.{name}.mirror")[-1:] == ("true",),
    )
