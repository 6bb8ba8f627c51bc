"""The kinds of sink at GitHub: Actions, Dependabot and Codespaces, of repositories, organisations, users."""

from __future__ import annotations

from typing import Final

from secopskit.errors import ConfigError
from secopskit.github.environments import environment_path
from secopskit.github.stores.interface import quoted, repository_path
from secopskit.sink.github import GitHubSeat, GitHubSink, sharers
from secopskit.sink.interface import EntryKind, SinkPlace, SinkSurroundings

# https://docs.github.com/en/actions/reference/security/secrets and
# https://docs.github.com/en/actions/reference/workflows-and-actions/variables
_MOST: Final = {
    "repository": {EntryKind.SECRET: 100, EntryKind.VARIABLE: 500},
    "environment": {EntryKind.SECRET: 100, EntryKind.VARIABLE: 100},
    "organization": {EntryKind.SECRET: 1000, EntryKind.VARIABLE: 1000},
}


def repository(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Actions of a repository. Raises ConfigError where none is named."""
    name = _repository(place)
    path = f"{repository_path(name)}/actions/{place.kind.value}s"
    seat = GitHubSeat(name, "Actions", path, repository=name, most=_MOST["repository"][place.kind])
    return _sink(seat, place, surroundings)


def environment(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """An environment of a repository: the one named, else the declared one. Raises ConfigError."""
    name, chosen = _repository(place), place.name or place.environment
    if not chosen:
        raise ConfigError("a sink names no environment", advice="Write `environment:NAME`.")
    path = f"{environment_path(name, chosen)}/{place.kind.value}s"
    seat = GitHubSeat(
        name,
        f"environment {chosen.lower()}",
        path,
        repository=name,
        environment=chosen,
        most=_MOST["environment"][place.kind],
    )
    return _sink(seat, place, surroundings)


def organization(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Actions of an organisation. Raises ConfigError where none is named."""
    return _of_organization("actions", "organization Actions", place, surroundings)


def dependabot(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Dependabot in a repository. Raises ConfigError where none is named, or for variables."""
    return _of_repository("dependabot", "Dependabot", place, surroundings)


def dependabot_organization(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Dependabot in an organisation. Raises ConfigError where none is named, or for variables."""
    _secrets_only("Dependabot", place)
    return _of_organization("dependabot", "organization Dependabot", place, surroundings)


def codespaces(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Codespaces of a repository. Raises ConfigError where none is named, or for variables."""
    return _of_repository("codespaces", "Codespaces", place, surroundings)


def codespaces_organization(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Codespaces of an organisation. Raises ConfigError where none is named, or for variables."""
    _secrets_only("Codespaces", place)
    return _of_organization("codespaces", "organization Codespaces", place, surroundings)


def codespaces_user(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Codespaces of the user whose token is used. Raises ConfigError for variables."""
    _secrets_only("Codespaces", place)
    _check_sharers(place, selected=True)
    seat = GitHubSeat("", "user Codespaces", "/user/codespaces/secrets", shared=True, personal=True)
    return _sink(seat, place, surroundings)


def _of_repository(section: str, words: str, place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    _secrets_only(words, place)
    name = _repository(place)
    return _sink(
        GitHubSeat(name, words, f"{repository_path(name)}/{section}/secrets", repository=name),
        place,
        surroundings,
    )


def _of_organization(
    section: str, words: str, place: SinkPlace, surroundings: SinkSurroundings
) -> GitHubSink:
    if not place.name or "/" in place.name:
        raise ConfigError("a sink names no organisation", advice="Write its name after a colon.")
    _check_sharers(place, selected=place.visibility == "selected")
    path = f"/orgs/{quoted(place.name)}/{section}/{place.kind.value}s"
    most = _MOST["organization"][place.kind] if section == "actions" else 0
    return _sink(GitHubSeat(place.name, words, path, shared=True, most=most), place, surroundings)


def _sink(seat: GitHubSeat, place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    return GitHubSink(seat=seat, place=place, github=surroundings.github)


def _repository(place: SinkPlace) -> str:
    if not place.repository:
        raise ConfigError(
            "a sink needs a repository, and none is named", advice="Name it with --repo, or declare it."
        )
    return place.repository


def _check_sharers(place: SinkPlace, *, selected: bool) -> None:
    if selected and not sharers(place):
        raise ConfigError(
            "secrets for selected repositories need repositories", advice="Declare `repositories`."
        )


def _secrets_only(words: str, place: SinkPlace) -> None:
    if place.kind is EntryKind.VARIABLE:
        raise ConfigError(f"{words} has no variables", advice="Declare it among the secrets.")
