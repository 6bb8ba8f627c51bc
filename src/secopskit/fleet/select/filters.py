"""Which of the repositories that were listed are meant."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.named_tuple import NamedTuple


class Filters(NamedTuple):
    """What is left out. Patterns are those of a shell, for `owner/name` or a path, in any case of letters.

    `largest` is in bytes, 0: any size. `pushed_since` is an ISO 8601 date: where the host does not tell when
    a repository was pushed to, it is kept.
    """

    archived: bool = True
    forks: bool = True
    visibility: tuple[str, ...] = ()
    largest: int = 0
    pushed_since: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def reason(self, repository: FleetRepository, pushed_at: str) -> str:
        """Why a repository is left out, in a word or two; empty where it is kept."""
        if repository.archived and not self.archived:
            return "archived"
        if repository.fork and not self.forks:
            return "a fork"
        if self.visibility and repository.visibility and repository.visibility not in self.visibility:
            return "of another visibility"
        if self.largest and repository.size > self.largest:
            return "too large"
        if self.pushed_since and pushed_at and pushed_at < self.pushed_since:
            return "not pushed to since"
        return "" if self._named(repository.name) else "not named"

    def untold(self, repository: FleetRepository, pushed_at: str) -> str:
        """Why a repository might have been left out, had anybody told; empty where all is known."""
        if repository.visibility:  # a host that tells anything tells this
            return ""
        listed = repository.kind is RepositoryKind.HOSTED
        parts = (
            "" if self.archived else "archived",
            "" if self.forks else "a fork",
            "of another visibility" if self.visibility else "",
            "too large" if self.largest and listed and not repository.size else "",
            "not pushed to since" if self.pushed_since and not pushed_at else "",
        )
        return ", ".join(filter(None, parts))

    def _named(self, name: str) -> bool:
        def among(patterns: tuple[str, ...]) -> bool:
            return any(is_called(name, pattern) for pattern in patterns)

        return (not self.include or among(self.include)) and not among(self.exclude)


def is_called(name: str, pattern: str) -> bool:
    """Whether a name fits a shell's pattern: all of it, what is behind its host, or its last part.

    A name is that of a repository, or of an owner. Of letters, any case will do.
    """
    name = name.lower()
    without_host = name.partition("/")[2] if not name.startswith("/") else name
    names = (name, without_host, name.rpartition("/")[2])
    return any(fnmatchcase(one, pattern.lower()) for one in names)


ALL: Final = Filters()
