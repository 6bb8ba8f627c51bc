"""Deploy keys of a repository: https://docs.github.com/en/rest/deploy-keys/deploy-keys"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError, GitHubNotFoundError
from secopskit.github.stores.interface import read_time, repository_path
from secopskit.named_tuple import NamedTuple


class DeployKey(NamedTuple):
    """A deploy key. `key` is the public half; `last_used` is None for never, or where it is not told."""

    id: int
    title: str
    key: str
    read_only: bool
    created_at: datetime | None
    last_used: datetime | None
    enabled: bool


def deploy_keys(client: GitHubClient, repository: str) -> tuple[DeployKey, ...]:
    """The keys of the repository. Raises GitHubError."""
    return tuple(map(_deploy_key, client.listed(_path(repository))))


def add_deploy_key(
    client: GitHubClient, repository: str, *, title: str, key: str, read_only: bool
) -> DeployKey:
    """Add a key; one that is there already is left as it is, so this can be called again.

    Raises GitHubError; with status 422 where the key belongs to another repository.
    """
    try:
        answer = client.send(
            "POST", _path(repository), {"title": title, "key": key, "read_only": read_only}, again=True
        )
    except GitHubError as error:
        # A first try without an answer may have been done: then the second is refused.
        there = _same(deploy_keys(client, repository), key) if error.status == 422 else None
        if there is None:
            raise
        return there
    return _deploy_key(answer.body)


def remove_deploy_key(client: GitHubClient, repository: str, number: int) -> None:
    """Remove a key by its id, if it is there. Raises GitHubError."""
    with suppress(GitHubNotFoundError):
        client.send("DELETE", f"{_path(repository)}/{number}")


def _same(keys: tuple[DeployKey, ...], key: str) -> DeployKey | None:
    bare = key.split()[:2]
    return next((one for one in keys if one.key.split()[:2] == bare), None)


def _path(repository: str) -> str:
    return f"{repository_path(repository)}/keys"


def _deploy_key(item: Any) -> DeployKey:
    if not isinstance(item, dict) or not isinstance(item.get("id"), int):
        raise GitHubError("GitHub's answer does not describe a deploy key")
    return DeployKey(
        id=item["id"],
        title=str(item.get("title") or ""),
        key=str(item.get("key") or ""),
        read_only=bool(item.get("read_only")),
        created_at=read_time(item.get("created_at")),
        last_used=read_time(item.get("last_used")),
        enabled=item.get("enabled") is not False,
    )
