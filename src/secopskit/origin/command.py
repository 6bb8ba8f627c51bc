"""Values that a program prints, without a shell: `{command: [vault, kv, get, "-field={key}", shop]}`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Mapping
from typing import Final

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.origin.interface import OriginSurroundings, OriginValue, SourceReach
from secopskit.origin.output import captured
from secopskit.origin.trust import is_ours, require_trust, safe_words
from secopskit.secret import SecretValue
from secopskit.settings.environment import inherited, program_directories

_PLACEHOLDER: Final = "{key}"
# A key takes a place in the arguments of a program: it must not become an option or a path upwards.
_KEY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@/-]{0,254}")


class CommandOrigin:
    """A program that prints a value. What it prints is never shown, its errors neither.

    `{key}` in a word stands for the key; without it the program is for one key. One line end at the end of
    what it prints is taken off; `ExactCommandOrigin` keeps it. The program is looked up in the absolute
    directories of `PATH`, runs in the work tree with the user's variables but for our settings and GitHub's
    tokens, gets no input, and may ask on the terminal. The user must have agreed to it.
    """

    kind = "command"
    writable = False
    apart = False

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        if not arguments or not arguments[0]:
            raise ConfigError(
                f"the source `{self.kind}` takes a program and its arguments",
                advice=f"Write {{{self.kind}: [vault, kv, get, …]}}.",
            )
        self._words = arguments
        self._surroundings = surroundings

    @property
    def label(self) -> str:
        """See `Origin.label`: the program alone."""
        return f"command {safe_words(self._words[:1])}"

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Raises RefusedError without trust, SecopsError where the program fails."""
        if len(keys) > 1 and not any(_PLACEHOLDER in word for word in self._words):
            raise ConfigError(
                f"{self.label}: prints one value, and {len(keys)} keys are to come from it",
                advice="Write {key} in the argument that chooses the value.",
            )
        danger = f"run a program: {safe_words(self._words)}"
        require_trust(self._surroundings, SourceReach(self.kind, self._words, danger))
        program = self._program()
        found = {key: self.trimmed(captured(program, self._for(key), self._place())) for key in keys}
        return {key: OriginValue(SecretValue(data), self.label) for key, data in found.items() if data}

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`: nobody can write there."""
        raise RefusedError(f"{self.label}: cannot be written to", advice="Put the new value there yourself.")

    def trimmed(self, data: bytes) -> bytes:
        """What of the output is the value."""
        return data.removesuffix(b"\n").removesuffix(b"\r") if data.endswith(b"\n") else data

    def _for(self, key: str) -> list[str]:
        if not _KEY.fullmatch(key) or ".." in key.split("/"):
            raise ConfigError(
                f"{self.label}: a key that no program is given: {safe_words([key])}",
                advice="Keys of commands have letters, digits and any of `_.:@/-`.",
            )
        return [word.replace(_PLACEHOLDER, key) for word in self._words]

    def _program(self) -> str:
        name = self._words[0]
        if os.path.isabs(name):
            found = shutil.which(name)
        elif os.path.dirname(name):
            found = None
        else:
            found = shutil.which(name, path=os.pathsep.join(program_directories()))
        if found is None:
            raise SecopsError(
                f"{self.label}: there is no such program",
                advice="Name a program in PATH, or its absolute path: nothing is run from the work tree.",
            )
        return found

    def _place(self) -> tuple[str, Mapping[str, str]]:
        variables = {
            name: value
            for name, value in inherited().items()
            if not is_ours(name)  # the program has its own ways to log in
        }
        return self._surroundings.base, variables


class ExactCommandOrigin(CommandOrigin):
    """A program whose whole output is the value, its last line end too: for PEM and binary values."""

    kind = "command-exact"

    def trimmed(self, data: bytes) -> bytes:
        """See `CommandOrigin.trimmed`."""
        return data
