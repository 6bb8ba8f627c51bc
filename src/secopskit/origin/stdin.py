"""Values from standard input: `stdin` is the one value, `{stdin: dotenv}` a dotenv file that is piped in."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from secopskit.errors import ConfigError, RefusedError
from secopskit.formats.exact.dotenv_exact import read_exact
from secopskit.origin.interface import OriginSurroundings, OriginValue
from secopskit.secret import SecretValue


class StdinOrigin:
    """Standard input. As the one value every byte of it is kept, a line end at its end too.

    That is what a PEM file needs, and what `echo` gets wrong: so a line end at the end is told.
    """

    label = "standard input"
    writable = False

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        if arguments not in ((), ("dotenv",)):
            raise ConfigError(
                "the source `stdin` takes nothing, or the word `dotenv`",
                advice="Write stdin, or {stdin: dotenv} for a file of several values.",
            )
        self._is_dotenv = bool(arguments)
        self._surroundings = surroundings

    @property
    def apart(self) -> bool:
        """See `Origin.apart`: of a dotenv file only where nothing was piped in."""
        return not (self._is_dotenv and self._surroundings.standard_input())

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Empty input is no value."""
        if self._is_dotenv:
            entries = read_exact(self._surroundings.standard_input(), self.label).entries
            return {
                entry.key: OriginValue(entry.value, f"{self.label}, line {entry.line}")
                for entry in entries
                if entry.key in keys
            }
        if len(keys) > 1:
            raise ConfigError(
                f"standard input is one value, and {len(keys)} keys are to come from it",
                advice="Pipe a dotenv file in, and write {stdin: dotenv}.",
            )
        return {key: OriginValue(value, self.label) for key in keys if (value := self._whole())}

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`: nobody can write there."""
        raise RefusedError("standard input cannot be written to", advice="Declare another source.")

    def _whole(self) -> SecretValue:
        data = self._surroundings.standard_input()
        if data.endswith(b"\n") and b"\n" not in data.rstrip(b"\r\n"):
            self._surroundings.tell.note(
                "Standard input is one line with a line end, which is kept as part of the value. "
                "Use printf instead of echo where it does not belong to it."
            )
        return SecretValue(data)
