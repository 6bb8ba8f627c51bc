"""Where values come from: one module a kind of source, and a line in `ORIGINS`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError

if TYPE_CHECKING:
    from secopskit.origin.interface import Origin, OriginSurroundings
    from secopskit.settings.declaration import OriginChoice

# Each is called with the arguments of the choice and the surroundings.
ORIGINS: Final[dict[str, str]] = {
    "dotenv": "secopskit.origin.dotenv:DotenvOrigin",
    "environment": "secopskit.origin.environment:EnvironmentOrigin",
    "stdin": "secopskit.origin.stdin:StdinOrigin",
    "prompt": "secopskit.origin.prompt:PromptOrigin",
    "file": "secopskit.origin.file:FileOrigin",
    "ini": "secopskit.origin.ini:IniOrigin",
    "keyring": "secopskit.origin.keyring:KeyringOrigin",
    "command": "secopskit.origin.command:CommandOrigin",
    "command-exact": "secopskit.origin.command:ExactCommandOrigin",
}


def build_origin(choice: OriginChoice, surroundings: OriginSurroundings) -> Origin:
    """The source that is declared. Raises ConfigError for an unknown kind or wrong arguments."""
    target = ORIGINS.get(choice.kind)
    if target is None:
        raise ConfigError(
            f"there is no kind of source called `{choice.kind}`", advice=f"Known are: {', '.join(ORIGINS)}."
        )
    module, _, name = target.partition(":")
    origin: Origin = getattr(import_module(module), name)(choice.arguments, surroundings)
    return origin
