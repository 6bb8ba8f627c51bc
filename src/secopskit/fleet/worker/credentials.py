"""The token with which a worker clones: from its own environment, as for every request to GitHub."""

from __future__ import annotations

from urllib.parse import urlsplit

from secopskit.conduct.tell import SILENCE
from secopskit.fleet.model import RepositoryKind, WorkUnit
from secopskit.github.access import GitHubSurroundings, connect, find_address
from secopskit.github.conversation import PyGithubClient
from secopskit.github.errors import GitHubError
from secopskit.secret import SecretValue
from secopskit.settings.environment import exact_variable, inherited, program_directories, variable


class Credentials:
    """Tokens by host. An App's are asked for again before they end."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], PyGithubClient] = {}

    def token(self, unit: WorkUnit) -> SecretValue | None:
        """The token for the host of a unit; None where there is none for it: git asks its own helpers then.

        Raises SecopsError where a token that there is cannot be used.
        """
        address = urlsplit(unit.repository.address)
        host = address.netloc
        if unit.repository.kind is RepositoryKind.DIRECTORY or address.scheme not in ("https", "http"):
            return None
        api = unit.api if unit.api and _host_of(unit.api) == host else ""
        if not api and not _is_meant(host):
            return None
        try:
            client = self._client(host, api)
        except GitHubError as error:
            if error.status == 401:
                return None
            raise
        return client.token(f"/repos/{address.path.strip('/').removesuffix('.git')}")

    def _client(self, host: str, api: str) -> PyGithubClient:
        known = self._clients.get((host, api))
        if known is None:
            known = connect(_surroundings(), remote="" if api else host, chosen=api)
            self._clients[host, api] = known
        return known


def _is_meant(host: str) -> bool:
    """Whether a token of the environment is meant for a host: a list of addresses may name any."""
    return host == "github.com" or host.endswith(".ghe.com") or host == variable("GH_HOST")


def _host_of(api: str) -> str:
    return find_address(_surroundings(), chosen=api).host


def _surroundings() -> GitHubSurroundings:
    return GitHubSurroundings(
        variable=exact_variable,
        tell=SILENCE,
        directories=program_directories(),
        environ=inherited(),
    )
