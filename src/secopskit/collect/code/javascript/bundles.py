"""What of the environment ends up in what browsers are sent.

Frameworks decide by the beginning of the name (Next.js `NEXT_PUBLIC_`, Vite `VITE_`, Create React App
`REACT_APP_`, …), or replace what their configuration names (`env` of next.config, `define` of Vite).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.code.reading import SourceText
    from secopskit.collect.facts import DynamicLookup

_PREFIXES: Final = (
    b"NEXT_PUBLIC_",
    b"VITE_",
    b"REACT_APP_",
    b"NUXT_PUBLIC_",
    b"EXPO_PUBLIC_",
    b"GATSBY_",
    b"VUE_APP_",
    b"STORYBOOK_",
)
_CONFIGURATION: Final = LazyRegex(
    r"(?:^|/)(?:next|vite|webpack|rollup|nuxt|vue|rsbuild)[\w.]{0,20}\.(?:[cm]?[jt]s)$"
)
_REPLACED: Final = LazyRegex(rb"(?<![\w$.])(?:env|define|DefinePlugin)[ \t]{0,8}(?::[ \t\r\n]{0,20}|\()\{")
_NUXT: Final = LazyRegex(r"(?:^|/)nuxt\.config\.[cm]?[jt]s$")
_RUNTIME: Final = LazyRegex(rb"(?<![\w$.])runtimeConfig[ \t]{0,8}:")
_BRACE: Final = LazyRegex(rb"[{}]")
_LONGEST: Final = 20_000


def is_bundled(name: bytes, is_meta: bool) -> bool:
    """Whether a framework puts the variable into its bundle; `is_meta`: looked up in `import.meta.env`."""
    return name.startswith(_PREFIXES) or (is_meta and name.startswith(b"PUBLIC_"))


def bundled_regions(text: SourceText) -> tuple[tuple[int, int], ...]:
    """Where, in a bundler's configuration, values stand that it writes into the bundle."""
    if not _CONFIGURATION.search(text.path):
        return ()
    return tuple(
        (found.end(), closing(text.code, found.end(), _LONGEST))
        for found in islice(_REPLACED.finditer(text.code), 50)
    )


def configured(text: SourceText) -> Iterator[DynamicLookup]:
    """Nuxt takes each key of its `runtimeConfig` from a variable that is called after it: NUXT_API_BASE.

    https://nuxt.com/docs/guide/going-further/runtime-config
    """
    if _NUXT.search(text.path) and (found := _RUNTIME.search(text.code)):
        yield text.dynamic(found.start(), b"NUXT_")


def closing(code: bytes, start: int, longest: int) -> int:
    """Where the brace that was opened before `start` is closed; at most `longest` bytes later."""
    depth = 1
    for found in _BRACE.finditer(code[start : start + longest]):
        depth += 1 if found[0] == b"{" else -1
        if not depth:
            return start + found.start()
    return min(len(code), start + longest)
