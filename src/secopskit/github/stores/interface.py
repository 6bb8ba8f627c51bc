"""Places of secrets and variables at GitHub: what all of them have in common.

https://docs.github.com/en/rest/actions/secrets and its neighbours for variables, Dependabot, Codespaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import quote

from secopskit.github.errors import GitHubError
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue


class StoredEntry(NamedTuple):
    """What GitHub tells of a secret or a variable. Names are in upper case.

    `visibility` is there in organisations only: all, private or selected. `value` is there for variables.
    """

    name: str
    updated_at: datetime | None
    visibility: str = ""
    value: SecretValue | None = None


class GitHubStore(Protocol):
    """A place of secrets or of variables. Methods raise GitHubError; threads may share it."""

    def entries(self) -> Mapping[str, StoredEntry]:
        """What is there, by name. Raises GitHubNotFoundError where the place is not."""

    def put(self, name: str, value: SecretValue) -> datetime | None:
        """Write the value, and tell the server's time. Who may use an entry that is there stays."""

    def remove(self, name: str) -> None:
        """Remove the entry, if it is there."""


def quoted(part: str) -> str:
    """A name as one part of a path."""
    return quote(part, safe="")


def repository_path(repository: str) -> str:
    """The path of `owner/name`. Raises GitHubError where it has another form."""
    owner, _, name = repository.partition("/")
    if not owner or not name or "/" in name or name in (".", ".."):
        raise GitHubError(f"{repository!r} is no repository", advice="It is named as owner/name.")
    return f"/repos/{quoted(owner)}/{quoted(name)}"


def read_entry(item: Any) -> StoredEntry:
    """An entry of a list. Raises GitHubError where it is none."""
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(name, str):
        raise GitHubError("a list of GitHub's holds something that is no secret or variable")
    value = item.get("value")
    return StoredEntry(
        name=name.upper(),
        updated_at=read_time(item.get("updated_at")),
        visibility=str(item.get("visibility") or ""),
        value=SecretValue(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else None,
    )


def read_time(text: Any) -> datetime | None:
    """A moment as GitHub's documents write it, with its zone; None where there is none."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def header_time(text: str) -> datetime | None:
    """A moment as the header `Date` writes it, with its zone; None where there is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
