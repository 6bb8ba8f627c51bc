"""Where secrets and variables are kept: one module a kind of sink, and a line in `SINKS`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError

if TYPE_CHECKING:
    from secopskit.sink.interface import Sink, SinkPlace, SinkSurroundings

# Each is called with the place and the surroundings.
SINKS: Final[dict[str, str]] = {
    "repository": "secopskit.sink.github_places:repository",
    "environment": "secopskit.sink.github_places:environment",
    "organization": "secopskit.sink.github_places:organization",
    "dependabot": "secopskit.sink.github_places:dependabot",
    "dependabot-organization": "secopskit.sink.github_places:dependabot_organization",
    "codespaces": "secopskit.sink.github_places:codespaces",
    "codespaces-organization": "secopskit.sink.github_places:codespaces_organization",
    "codespaces-user": "secopskit.sink.github_places:codespaces_user",
    "dotenv": "secopskit.sink.dotenv:DotenvSink",
}


def build_sink(kind: str, place: SinkPlace, surroundings: SinkSurroundings) -> Sink:
    """The sink that is declared. Raises ConfigError for an unknown kind or a name that it does not take."""
    target = SINKS.get(kind)
    if target is None:
        raise ConfigError(
            f"there is no kind of sink called `{kind}`", advice=f"Known are: {', '.join(SINKS)}."
        )
    module, _, name = target.partition(":")
    sink: Sink = getattr(import_module(module), name)(place, surroundings)
    return sink
