"""New names for refs whose names hold a value."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from typing import Final

from secopskit.git.refs import REPLACE
from secopskit.purge.values.matcher import ValueMatcher

_REF: Final = re.compile(r"(?:worktrees/[^/]+/)?refs/(?:[^/]+/)?")


def renamed_refs(names: Collection[str], matcher: ValueMatcher) -> dict[str, str]:
    """Old names to new ones, none of which is or stands in the way of another."""
    dirty = sorted(name for name in names if not _fixed(name) and matcher.contains(os.fsencode(name)))
    taken = set(names) - set(dirty)
    renamed: dict[str, str] = {}
    for name in dirty:
        start, own = _divided(name)
        clean = matcher.redact_text(own)
        renamed[name] = _free(start + clean, taken)
        taken.add(renamed[name])
    return renamed


def _fixed(name: str) -> bool:
    """Names that are not anybody's choice: heads, and what replaces an object."""
    return name.startswith(REPLACE) or not _REF.match(name)


def _divided(name: str) -> tuple[str, str]:
    """What git gives to the name, such as `refs/heads/`, and what somebody chose."""
    match = _REF.match(name)
    assert match  # noqa: S101 - other names are fixed
    return name[: match.end()], name[match.end() :]


def _free(name: str, taken: Collection[str]) -> str:
    free, number = name, 1
    while any(one == free or one.startswith(free + "/") or free.startswith(one + "/") for one in taken):
        number += 1
        free = f"{name}-{number}"
    return free
