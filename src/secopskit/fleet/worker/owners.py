"""CODEOWNERS: who looks after a path, as the file in the commit says.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from secopskit.globs import PathMatcher, compile_patterns
from secopskit.named_tuple import NamedTuple

FILES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where it may stand; the first one counts."""
LARGEST: Final = 3 * 1024 * 1024
"""GitHub takes no larger file."""
_MOST_LINES: Final = 20_000
_WORDS: Final = re.compile(r"(?:\\.|[^\s\\])+")
_KEPT: Final = 1 << 16


def code_owners(content: bytes) -> Callable[[str], tuple[str, ...]]:
    """What tells the owners of a path, empty where nobody is named. The last line that fits decides.

    A line that GitHub would not understand is passed over, as GitHub does.
    """
    lines = content[:LARGEST].decode("utf-8", "replace").splitlines()[:_MOST_LINES]
    rules = [found for line in reversed(lines) if (found := _rule(line))]

    @lru_cache(maxsize=_KEPT)
    def owners(path: str) -> tuple[str, ...]:
        return next((rule.names for rule in rules if rule.fits(path)), ())

    return owners


class _Rule(NamedTuple):
    """A line. `depth` is how many slashes a path has that fits; -1: any number."""

    pattern: PathMatcher
    names: tuple[str, ...]
    depth: int

    def fits(self, path: str) -> bool:
        return self.depth in (-1, path.count("/")) and self.pattern.matches(path)


def _rule(line: str) -> _Rule | None:
    words = [] if line.lstrip().startswith("#") else _WORDS.findall(line.partition(" #")[0])
    # Neither `!` nor `[ ]` means anything there.
    if not words or words[0].startswith("!") or "[" in words[0]:
        return None
    pattern, names = words[0].replace("\\ ", " "), tuple(words[1:])
    # Other than in .gitignore, `docs/*` is what is directly in there.
    direct = pattern.endswith("/*") and "**" not in pattern
    try:
        matcher = compile_patterns([pattern])
    except ValueError:
        return None
    return _Rule(matcher, names, pattern.strip("/").count("/") if direct else -1)
