"""The fields of a gitleaks or betterleaks TOML: which there are, of which kind, and which say nothing here.

See https://github.com/gitleaks/gitleaks#configuration. A field of another name or kind is as if it were not
there, for one of a kind that is wrong is a mistake; so each is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from secopskit.named_tuple import NamedTuple


class FieldKind(NamedTuple):
    """What a field holds, in words, and the Python types that TOML has for it."""

    words: str
    types: tuple[type, ...]
    of_texts: bool = False


_TEXT: Final = FieldKind("a text", (str,))
_TEXTS: Final = FieldKind("a list of texts", (list,), of_texts=True)
_NUMBER: Final = FieldKind("a number", (int, float))
_WHOLE: Final = FieldKind("a whole number", (int,))
_TRUTH: Final = FieldKind("true or false", (bool,))
_TABLE: Final = FieldKind("a table", (dict,))
_TABLES: Final = FieldKind("a list of tables", (list,))

_LISTS: Final = {"allowlist": _TABLE, "allowlists": _TABLES}
DOCUMENT: Final = _LISTS | {
    "title": _TEXT,
    "description": _TEXT,
    "minVersion": _TEXT,
    "extend": _TABLE,
    "rules": _TABLES,
}
EXTEND: Final = {"path": _TEXT, "url": _TEXT, "useDefault": _TRUTH, "disabledRules": _TEXTS}
RULE: Final = _LISTS | {
    "id": _TEXT,
    "description": _TEXT,
    "regex": _TEXT,
    "secretGroup": _WHOLE,
    "entropy": _NUMBER,
    "path": _TEXT,
    "tags": _TEXTS,
    "keywords": _TEXTS,
    "required": _TABLES,
    "skipReport": _TRUTH,
}
ALLOWLIST: Final = {
    "id": _TEXT,
    "description": _TEXT,
    "condition": _TEXT,
    "commits": _TEXTS,
    "paths": _TEXTS,
    "regexes": _TEXTS,
    "regexTarget": _TEXT,
    "stopwords": _TEXTS,
    "targetRules": _TEXTS,
}
_WITHOUT_EFFECT: Final = {
    "url": "files alone are read",
    "required": "what else must stand near by is not asked for",
    "skipReport": "its finding is shown",
    "commits": "commits are not left out",
}
_CHOICES: Final = {
    "condition": ("AND", "OR"),
    "regexTarget": ("secret", "match", "line"),
}


def strange(table: Mapping[str, Any], fields: Mapping[str, FieldKind]) -> Iterator[str]:
    """What is wrong with the fields of a table, or has no effect, a short clause each."""
    for key, value in table.items():
        kind = fields.get(key)
        if kind is None:
            yield f"there is no field `{_plain(key)}`"
        elif not _fits(value, kind):
            yield f"`{key}` is not {kind.words}"
        elif key in _WITHOUT_EFFECT and value:
            yield f"`{key}`: {_WITHOUT_EFFECT[key]}"
        elif key in _CHOICES and value.lower() not in _lowered(key):
            yield f"`{key}` is none of {', '.join(_CHOICES[key])}"


def fitting(table: Mapping[str, Any], fields: Mapping[str, FieldKind]) -> dict[str, Any]:
    """The fields of the table that are of their kind."""
    return {key: value for key, value in table.items() if key in fields and _fits(value, fields[key])}


def _lowered(key: str) -> tuple[str, ...]:
    signs = ("&&", "||") if key == "condition" else ()
    return ("", *signs, *(choice.lower() for choice in _CHOICES[key]))


def _fits(value: object, kind: FieldKind) -> bool:
    if isinstance(value, bool) and bool not in kind.types:
        return False
    return isinstance(value, kind.types) and (
        not kind.of_texts or (isinstance(value, list) and all(isinstance(one, str) for one in value))
    )


def _plain(key: str) -> str:
    return key[:40].encode("unicode_escape").decode("ascii")
