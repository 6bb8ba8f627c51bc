"""Repositories at GitHub: their ids, and who may see them."""

from __future__ import annotations

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.github.stores.interface import repository_path
from secopskit.named_tuple import NamedTuple


class HostedRepository(NamedTuple):
    """A repository. `visibility` is public, private or internal; `owner_kind` Organization or User."""

    id: int
    name: str
    visibility: str
    owner_kind: str = ""


def hosted_repository(client: GitHubClient, repository: str) -> HostedRepository:
    """The repository `owner/name`. Raises GitHubError."""
    document = client.get(repository_path(repository))
    if not isinstance(document, dict) or not isinstance(document.get("id"), int):
        raise GitHubError(f"GitHub's answer does not describe the repository {repository}")
    owner = document.get("owner")
    private = "private" if document.get("private", True) else "public"
    return HostedRepository(
        id=document["id"],
        name=str(document.get("full_name") or repository),
        visibility=str(document.get("visibility") or private),
        owner_kind=str(owner.get("type", "")) if isinstance(owner, dict) else "",
    )
