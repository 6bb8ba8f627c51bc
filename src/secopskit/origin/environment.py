"""Values from the environment: `environment`, `{environment: PROD_*}` or `{environment: DEPLOY_TOKEN}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from secopskit.errors import ConfigError, RefusedError
from secopskit.origin.interface import OriginSurroundings, OriginValue
from secopskit.origin.trust import is_ours, safe_words
from secopskit.secret import SecretValue


class EnvironmentOrigin:
    """Environment variables, every byte kept. An empty one counts as not set.

    Without an argument a key is the variable's name; `PREFIX_*` puts the prefix before it; a name without
    a `*` is the variable of whichever key is asked for.
    """

    label = "the environment"
    writable = False
    apart = True

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        pattern = arguments[0] if arguments else "*"
        if len(arguments) > 1 or "*" in pattern[:-1] or not pattern or "=" in pattern:
            raise ConfigError(
                "the source `environment` takes the name of a variable, or the beginning of names and a `*`",
                advice="Write {environment: PROD_*}, {environment: NAME}, or environment alone.",
            )
        self._pattern = pattern
        self._variable = surroundings.variable

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Raises ConfigError where one variable is asked to be several values."""
        if not self._pattern.endswith("*") and len(keys) > 1:
            raise ConfigError(
                f"the variable {self._pattern} is one value, and {len(keys)} keys are to come from it",
                advice="Give each key its own source, or end the name with a `*`.",
            )
        names = {key: self._name(key) for key in keys}
        if ours := [name for name in names.values() if is_ours(name)]:
            raise RefusedError(
                f"the variable {safe_words(ours[:1])} is how secops itself logs in, and no source of values",
                advice="Give the value a variable of its own.",
            )
        found = {key: (name, self._variable(name)) for key, name in names.items() if name}
        return {key: OriginValue(value, f"variable {name}") for key, (name, value) in found.items() if value}

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`: nobody can write there."""
        raise RefusedError(
            "the environment cannot be written to", advice="Put the new values where the variables come from."
        )

    def _name(self, key: str) -> str:
        return self._pattern[:-1] + key if self._pattern.endswith("*") else self._pattern
