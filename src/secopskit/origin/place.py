"""Paths of declared files: inside of the work tree as they are, outside of it with the user's word only.

What git keeps below `.git` counts as outside: its configuration may hold tokens, and runs programs.
"""

from __future__ import annotations

import os

from secopskit.errors import ConfigError
from secopskit.origin.interface import OriginSurroundings, SourceReach
from secopskit.origin.trust import require_trust, safe_words
from secopskit.state.smallfiles import is_inside


class DeclaredFile:
    """A file that a declaration names, `path` as it is written.

    A link is followed: what is read and written is the file that it leads to, and the link stays. Where
    that leads out of the work tree the user must have agreed.
    """

    def __init__(self, kind: str, path: str, surroundings: OriginSurroundings) -> None:
        self.name = path
        self._kind = kind
        self._surroundings = surroundings

    def resolve(self, words: tuple[str, ...] = ()) -> str:
        """The real path. `words` is the whole declaration, where that is more.

        Raises RefusedError, ConfigError.
        """
        base = self._surroundings.base
        try:
            path = os.path.realpath(os.path.join(base, self.name))
        except (OSError, ValueError):
            raise ConfigError(
                f"{safe_words([self.name])}: is no path", advice="Check the declaration."
            ) from None
        if not is_inside(path, base) or _is_of_git(path, base):
            danger = f"use a file outside of the work tree: {safe_words([self.name])}"
            require_trust(self._surroundings, SourceReach(self._kind, words or (self.name,), danger))
        return path


def _is_of_git(path: str, base: str) -> bool:
    names = os.path.relpath(path, os.path.realpath(base)).split(os.sep)
    return any(name.casefold() == ".git" for name in names)
