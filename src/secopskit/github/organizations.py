"""The repositories of an organisation or a user, as they are listed: a page at a time.

https://docs.github.com/en/rest/repos/repos
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.github.stores.interface import quoted
from secopskit.named_tuple import NamedTuple


class ListedRepository(NamedTuple):
    """A repository of a list. `size` is in KiB; `pushed_at` is an ISO 8601 time, empty for an empty one."""

    full_name: str
    default_branch: str
    size: int
    visibility: str
    archived: bool
    fork: bool
    pushed_at: str


def organization_repositories(client: GitHubClient, name: str) -> Iterator[ListedRepository]:
    """All repositories of an organisation that the token may see. Raises GitHubError."""
    path = f"/orgs/{quoted(name)}/repos"
    return map(_repository, client.listed(path, query={"type": "all", "sort": "full_name"}))


def user_repositories(client: GitHubClient, name: str) -> Iterator[ListedRepository]:
    """All repositories that a user owns; private ones where the token is that user's. Raises GitHubError."""
    if _is_own(client, name):
        query = {"affiliation": "owner", "visibility": "all", "sort": "full_name"}
        return map(_repository, client.listed("/user/repos", query=query))
    path = f"/users/{quoted(name)}/repos"
    return map(_repository, client.listed(path, query={"type": "owner", "sort": "full_name"}))


def _is_own(client: GitHubClient, name: str) -> bool:
    try:
        found = client.get("/user")
    except GitHubError as error:
        if error.status in (403, 404):  # the token of a workflow or an App is no user's
            return False
        raise
    return isinstance(found, dict) and str(found.get("login", "")).lower() == name.lower()


def _repository(item: Any) -> ListedRepository:
    name = item.get("full_name") if isinstance(item, dict) else None
    if not isinstance(name, str) or name.count("/") != 1:
        raise GitHubError("a list of repositories holds something that is none")
    size = item.get("size")
    return ListedRepository(
        full_name=name,
        default_branch=str(item.get("default_branch") or ""),
        size=size if isinstance(size, int) else 0,
        visibility=str(item.get("visibility") or ("private" if item.get("private", True) else "public")),
        archived=item.get("archived") is True,
        fork=item.get("fork") is True,
        pushed_at=str(item.get("pushed_at") or ""),
    )
