"""Which environment a file or a stack is for, by its name."""

from __future__ import annotations

import posixpath
from typing import Final

from secopskit.collect.facts import Stack
from secopskit.lazy_regex import LazyRegex

_WORDS: Final = {
    "prod": "production",
    "production": "production",
    "live": "production",
    "stage": "staging",
    "staging": "staging",
    "stg": "staging",
    "preprod": "staging",
    "preproduction": "staging",
    "uat": "uat",
    "qa": "qa",
    "demo": "demo",
    "sandbox": "sandbox",
    "dev": "development",
    "devel": "development",
    "develop": "development",
    "development": "development",
    "local": "development",
}
DEPLOYED: Final = frozenset({"production", "staging", "uat", "qa", "demo"})
"""Environments that are deployed, so that they ought to be alike."""
_SPLIT: Final = LazyRegex(r"[^A-Za-z]{1,20}")


def environment_of(path: str) -> str:
    """The environment that the last two parts of a path name, empty for none or two of them."""
    directory, name = posixpath.split(path)
    for part in (name, posixpath.basename(directory)):
        found = {_WORDS[word] for word in _SPLIT.split(part.lower()) if word in _WORDS}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def family_of(path: str) -> tuple[str, ...]:
    """What is left of a path without its environment: files of one family differ in it alone."""
    return tuple(
        tuple_part
        for part in path.split("/")
        for tuple_part in (*(word for word in _SPLIT.split(part.lower()) if word not in _WORDS), "/")
    )


def environment_of_stack(stack: Stack) -> str:
    """The environment that a stack is for, by its variant, else by its file; empty where nothing says it."""
    return _WORDS.get(stack.variant.lower(), "") or environment_of(stack.files[-1])
