"""A whole file as one value, every byte of it: `{file: deploy_key.pem}`."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from secopskit.errors import ConfigError
from secopskit.origin.interface import OriginSurroundings, OriginValue
from secopskit.origin.place import DeclaredFile
from secopskit.origin.trust import one_argument
from secopskit.secret import SecretValue
from secopskit.state.private import clear_leftovers, replace_kept
from secopskit.state.smallfiles import read_small


class FileOrigin:
    """A file that is the value: its last line end belongs to it. An empty file, or none, is no value.

    Links are followed as by `DotenvOrigin`; what is written is 0600, or less where it was less.
    """

    writable = True
    apart = True

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        path = one_argument("file", arguments, "the path of a file")
        self._file = DeclaredFile("file", path, surroundings)

    @property
    def label(self) -> str:
        """See `Origin.label`."""
        return self._file.name

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Raises ConfigError where one file is asked to be several values."""
        self._check(keys)
        path = self._file.resolve()
        clear_leftovers(path)
        if not os.path.lexists(path):
            return {}
        value = SecretValue(read_small(path))
        return {key: OriginValue(value, self.label) for key in keys if value}

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`. A file that is not there is made."""
        self._check(values)
        path = self._file.resolve()
        for value in values.values():
            replace_kept(path, value.reveal())

    def _check(self, keys: Collection[str]) -> None:
        if len(keys) > 1:
            raise ConfigError(
                f"the file {self.label} is one value, and {len(keys)} keys are to come from it",
                advice="Give each key its own source, or declare {dotenv: …}.",
            )
