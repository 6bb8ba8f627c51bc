"""Values from a dotenv file, read exactly and edited in place: `{dotenv: .env.production}`."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from secopskit.errors import ConfigError, SecopsError
from secopskit.formats.exact.dotenv_edit import edit_exact
from secopskit.formats.exact.dotenv_exact import SIZE_LIMIT, ExactDotenv, read_exact
from secopskit.origin.interface import OriginSurroundings, OriginValue
from secopskit.origin.place import DeclaredFile
from secopskit.origin.trust import one_argument
from secopskit.secret import SecretValue
from secopskit.state.private import clear_leftovers, replace_kept
from secopskit.state.smallfiles import read_small


class DotenvOrigin:
    """A dotenv file. Afterwards it is 0600, or less where it was less.

    Of a link the file that it leads to is read and replaced, and the link stays: within the work tree, and
    elsewhere where the user has agreed.
    """

    writable = True
    apart = False

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        path = one_argument("dotenv", arguments, "the path of a file")
        self._file = DeclaredFile("dotenv", path, surroundings)

    @property
    def label(self) -> str:
        """See `Origin.label`."""
        return self._file.name

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Raises ConfigError with the line where the file says nothing certain."""
        entries = self._read(self._file.resolve()).entries
        return {
            entry.key: OriginValue(entry.value, f"{self.label}:{entry.line}")
            for entry in entries
            if entry.key in keys
        }

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`. A file that is not there is made."""
        path = self._file.resolve()
        there = os.path.lexists(path)
        before = self._read(path) if there else read_exact(b"", self.label)
        after = edit_exact(before, values)
        if not there or after != before.data:
            replace_kept(path, after)

    def _read(self, path: str) -> ExactDotenv:
        clear_leftovers(path)
        if not os.path.lexists(path):
            raise SecopsError(
                f"{self.label}: is not there", advice=f"Make it, or see the source `dotenv: {self.label}`."
            )
        try:
            data = read_small(path, limit=SIZE_LIMIT)
        except ConfigError as error:
            raise ConfigError(f"{error}", advice=f"Check the source `dotenv: {self.label}`.") from None
        return read_exact(data, self.label)
