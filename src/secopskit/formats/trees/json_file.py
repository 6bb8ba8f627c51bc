"""JSON settings: every key with a text, and names and values that stand apart.

A `Setting`'s path leads through the document: ("ConnectionStrings",).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from secopskit.findings import Span
from secopskit.formats.encoding import from_base64
from secopskit.formats.setting import Setting, SettingForm
from secopskit.formats.trees import apart, tree_settings
from secopskit.formats.trees.json_tree import documents, unescaped
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIR: Final = prepared(
    rb"\"((?:[^\"\\\n]|\\.){1,200})\"[ \t\r\n]{0,40}:[ \t\r\n]{0,40}\"((?:[^\"\\\n]|\\.){1,4000})\""
)
_REGISTRY_KEYS: Final = (b"auth", b"password", b"identitytoken", b"registrytoken")


def settings(data: bytes) -> Iterator[Setting]:
    """The pairs with a text as value, then those whose name and value stand apart."""
    for root in documents(data):
        yield from tree_settings.settings(root)
        yield from apart.settings(root)


def registry_logins(data: bytes) -> Iterator[Setting]:
    """The logins of a Docker client configuration.

    `auth` is base64 of `user:password`: then the value is the password, decoded, of form PASSWORD.
    """
    for found in _PAIR.finditer(data):
        if found[1] in _REGISTRY_KEYS:
            login = _setting(found[1].decode(), found)
            plain = from_base64(login.value) if login.key == "auth" else None
            password = plain.partition(b":")[2] if plain else b""
            if password:
                yield login._replace(value=password, form=SettingForm.PASSWORD, encoding="base64")
            else:
                yield login


def _setting(key: str, found: re.Match[bytes]) -> Setting:
    return Setting(key=key, value=unescaped(found[2]), span=Span(*found.span(2)), quote='"')


def outline(data: bytes) -> object:
    """The objects and arrays of a JSON file without its texts; None if it is not JSON."""
    try:
        return shape(json.loads(data))
    except (ValueError, RecursionError):  # a decoding error is a ValueError
        return None


def shape(value: Any) -> object:
    """A parsed value without its texts and keys."""
    if isinstance(value, dict):
        return "mapping", tuple(map(shape, value.values()))
    if isinstance(value, list):
        return "sequence", tuple(map(shape, value))
    return "scalar"
