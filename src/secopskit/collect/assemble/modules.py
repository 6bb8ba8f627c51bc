"""Lookups through a module of the project that is called after the environment: whether it has the name.

A program may keep other settings beside variables in such a module, or be sent them by its server: what
the module does not take from the environment itself is no variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import takewhile
from posixpath import dirname, join, normpath
from typing import Final

from secopskit.collect.facts import EnvironmentModule, VariableUse
from secopskit.lazy_regex import LazyRegex

_SUFFIX: Final = LazyRegex(r"(?:/index)?(?:\.[cm]?[jt]sx?)?$")
_ALIAS: Final = LazyRegex(r"^(?:[~@#]|\$lib|@?([\w-]{1,60}))/")


def from_environment(
    uses: Iterable[VariableUse], modules: Iterable[EnvironmentModule]
) -> Iterator[VariableUse]:
    """`uses` without those of names that the module they go through does not have."""
    names = {_key(each.path): each.names for each in modules}

    @cache
    def known(module: str, directory: str) -> frozenset[str] | None:
        key = _resolved(module, directory, names)
        return None if key is None else names[key]

    for use in uses:
        having = known(use.module, dirname(use.place.path)) if use.module else None
        if having is None or use.name in having:
            yield use


def _key(path: str) -> str:
    return _SUFFIX.sub("", path)


def _resolved(module: str, directory: str, keys: Iterable[str]) -> str | None:
    """The one of `keys` that `module` means in a file of `directory`; None where that is not clear."""
    if module.startswith("."):
        key = _key(normpath(join(directory, module)))
        return key if key in keys else None
    alias = _ALIAS.search(module)
    if alias is None:
        return None
    tail = _key(module[alias.end() :])
    if alias[1]:  # a directory of that name, or a package: then it is none of these
        tail = f"{alias[1]}/{tail}"
    ranks: dict[str, tuple[int, int]] = {}
    for key in keys:
        if key == tail or key.endswith(f"/{tail}"):
            far, deep = -_shared(key, directory), key.count("/")
            ranks[key] = (deep, far) if alias[1] else (far, deep)
    best = min(ranks.values(), default=None)
    nearest = [key for key, rank in ranks.items() if rank == best]
    return nearest[0] if len(nearest) == 1 else None


def _shared(key: str, directory: str) -> int:
    """How many directories the two have in common."""
    pairs = zip(key.split("/")[:-1], directory.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
