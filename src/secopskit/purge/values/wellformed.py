"""Whether a structured file is still one after something in it was replaced.

Nothing is judged but what parsed before. Sizes are bounded; the parsers construct nothing.
"""

from __future__ import annotations

import configparser
import json
import tomllib
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final

MAX_SIZE: Final = 2 * 1024 * 1024

Outline = Hashable
_Parser = Callable[[bytes], Outline]


class Wellformed:
    """What `data`, a file with these `paths`, is made of, to compare a changed one with."""

    def __init__(self, data: bytes, paths: Iterable[str]) -> None:
        parsers = {parser for path in paths if (parser := _parser_for(path))} if len(data) <= MAX_SIZE else ()
        outlines = {parser: _outline(parser, data) for parser in parsers}
        self._outlines = {parser: outline for parser, outline in outlines.items() if outline is not None}

    def still(self, data: bytes) -> bool:
        """Whether `data` parses as the first one did, into a structure of the same kind."""
        return all(_outline(parser, data) == outline for parser, outline in self._outlines.items())


def _parser_for(path: str) -> _Parser | None:
    name = path.rpartition("/")[2].lower()
    if name == ".env" or name.startswith(".env.") or name.endswith(".env"):
        return _dotenv
    return _PARSERS.get(name.rpartition(".")[2])


def _outline(parser: _Parser, data: bytes) -> Outline:
    """The structure without its texts; None where it does not parse."""
    try:
        return parser(data)
    except (ValueError, RecursionError, configparser.Error):  # a decoding error is a ValueError
        return None


def _json(data: bytes) -> Outline:
    return _shape(json.loads(data))


def _toml(data: bytes) -> Outline:
    return _shape(tomllib.loads(data.decode()))


def _yaml(data: bytes) -> Outline:
    from secopskit.detect.structure import yaml_tree

    documents = yaml_tree.documents(data)
    if documents is None:
        return None
    return tuple(_yaml_shape(node) for node in documents)


def _yaml_shape(node: Any) -> Outline:
    from secopskit.detect.structure.yaml_tree import Mapping, Sequence

    if isinstance(node, Mapping):
        return "mapping", tuple(_yaml_shape(value) for _, value in node.pairs)
    if isinstance(node, Sequence):
        return "sequence", tuple(map(_yaml_shape, node.items))
    return None if node is None else "text"


def _ini(data: bytes) -> Outline:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(data.decode())
    return tuple(len(parser[section]) for section in parser.sections())


def _dotenv(data: bytes) -> Outline:
    from secopskit.detect.structure.dotenv import settings

    return sum(1 for _ in settings(data))


def _shape(value: Any) -> Outline:
    """A parsed value without its texts: a key or a value may be what was replaced."""
    if isinstance(value, dict):
        return "mapping", tuple(map(_shape, value.values()))
    if isinstance(value, list):
        return "sequence", tuple(map(_shape, value))
    return "scalar"


_PARSERS: Final[dict[str, _Parser]] = {
    "json": _json,
    "webmanifest": _json,
    "ipynb": _json,
    "yaml": _yaml,
    "yml": _yaml,
    "toml": _toml,
    "ini": _ini,
    "cfg": _ini,
    "conf": _ini,
}
