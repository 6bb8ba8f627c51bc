"""Values that a person types or pastes without their being shown: `prompt`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from secopskit.errors import ConfigError, RefusedError, UsageError
from secopskit.origin.interface import OriginSurroundings, OriginValue
from secopskit.origin.trust import safe_words
from secopskit.secret import SecretValue


class PromptOrigin:
    """A person at the terminal, asked once for each key; an empty line is no value.

    Asked once and not twice: such values are pasted, and what was pasted wrong would be pasted twice. A
    value over several lines cannot be given so; a file can.
    """

    label = "the prompt"
    writable = False
    apart = True

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        if arguments:
            raise ConfigError("the source `prompt` takes nothing", advice="Write prompt alone.")
        self._respondent = surroundings.respondent
        self._given: dict[str, SecretValue] = {}

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Raises UsageError where nobody can be asked."""
        for key in keys:
            if key not in self._given:
                self._given[key] = self._ask(key)
        return {key: OriginValue(self._given[key], self.label) for key in keys if self._given[key]}

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`: nobody can write there."""
        raise RefusedError("a person cannot be written to", advice="Declare another source.")

    def _ask(self, key: str) -> SecretValue:
        name = safe_words([key])
        if not self._respondent.present:
            raise UsageError(
                f"{name} is to be typed, and nobody is here to be asked",
                advice="Run it on a terminal, or give the value another source.",
            )
        typed = self._respondent.reads_secret(f"Value of {name} (not shown; empty for none)")
        return SecretValue(typed.encode("utf-8", "surrogateescape"))
