"""Templates of dotenv files: which one stands for a file that everybody makes for themselves."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from typing import Final

_WORDS: Final = ("example", "sample", "template", "dist", "tpl", "tmpl", "default", "defaults")
_TEMPLATE: Final = re.compile(
    r"(?:^|[._-])(?:example|sample|template|dist|tpl|tmpl|defaults?)(?:[._-]|$)", re.IGNORECASE
)
_SPLIT: Final = re.compile(r"[^a-z0-9]{1,20}")
_DEPLOYED: Final = frozenset({"prod", "production"})
_DEVELOPMENT: Final = frozenset({"dev", "development", "local"})
_ENV: Final = re.compile(r"(?:^|[._-])env(?:ironment)?(?:[._-]|$)", re.IGNORECASE)


def template_of(path: str, paths: Collection[str]) -> str:
    """The template among `paths` for the dotenv file `path`; empty where no name tells it."""
    return next((name for name in _names(path) if name in paths), "")


def like_templates(directory: str, paths: Collection[str]) -> tuple[str, ...]:
    """The files of `directory` whose names say that they are templates of a dotenv file, sorted."""
    beside = f"{directory}/" if directory else ""
    return tuple(
        sorted(
            path
            for path in paths
            if path.startswith(beside) and path.find("/", len(beside)) < 0 and is_template_name(path)
        )
    )


def template_for(directory: str, paths: Collection[str], *, development: bool) -> str:
    """The one template in `directory` for all that is deployed, or for development: `.env.prod.example`.

    Empty where there are several, or none.
    """
    wanted = _DEVELOPMENT if development else _DEPLOYED
    found = [
        path
        for path in like_templates(directory, paths)
        if not set(_SPLIT.split(posixpath.basename(path).lower())) - {"", "env", *_WORDS} - wanted
    ]
    return found[0] if len(found) == 1 else ""


def is_template_name(path: str) -> bool:
    """Whether the name of `path` is that of a template of a dotenv file."""
    name = posixpath.basename(path)
    return bool(_TEMPLATE.search(name) and _ENV.search(name))


def _names(path: str) -> Iterator[str]:
    directory, name = posixpath.split(path)
    stem, dot, end = name.rpartition(".")
    bare = name.lstrip(".")
    for word in _WORDS:
        for sign in (".", "-", "_"):
            yield posixpath.join(directory, f"{name}{sign}{word}")
            yield posixpath.join(directory, f"{bare}{sign}{word}")
            yield posixpath.join(directory, f"{word}{sign}{bare}")
            yield posixpath.join(directory, f".{word}{sign}{bare}")
            if stem:
                yield posixpath.join(directory, f"{stem}{sign}{word}{dot}{end}")
    for word in _WORDS:
        yield posixpath.join(directory, word, name)
