"""Kinds of value that the settings of vendors have."""

from __future__ import annotations

import re
from typing import Final

from secopskit.errors import ConfigError
from secopskit.settings.duration import parse_duration
from secopskit.settings.options import Text, ValueKind, one_text
from secopskit.web.wire import check_base_url

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}", re.ASCII)
_MOST_SECONDS: Final = 3600


def base_url(value: Text) -> str:
    """An address without a slash at its end, or nothing. Raises ValueError for http but to this machine."""
    url = one_text(value)
    try:
        return check_base_url(url) if url else ""
    except ConfigError:
        raise ValueError from None


def _variable(value: Text) -> str:
    name = one_text(value)
    if name and not _VARIABLE.fullmatch(name):
        raise ValueError
    return name


def _seconds(value: Text) -> float:
    seconds = parse_duration(one_text(value)) / 1000
    if seconds > _MOST_SECONDS:
        raise ValueError
    return seconds


def one_of(*words: str) -> ValueKind:
    """The kind of a setting that is one of `words`."""

    def parse(value: Text) -> str:
        word = one_text(value).lower()
        if word not in words:
            raise ValueError
        return word

    return ValueKind(", ".join(f"`{word}`" for word in words), parse)


def matching(pattern: str, text: str) -> ValueKind:
    """The kind of a setting that matches `pattern`, or is empty; messages call it `text`."""

    def parse(value: Text) -> str:
        word = one_text(value)
        if word and not re.fullmatch(pattern, word, re.ASCII):
            raise ValueError
        return word

    return ValueKind(text, parse)


LOGIN: Final = matching(
    r"postgres(?:ql)?://[^:@/?#\s]+@\S+", "postgresql:// URL with a user and without a password"
)
WORDS: Final = ValueKind("text", one_text)
BASE_URL: Final = ValueKind("https:// address (http:// to this machine only)", base_url)
VARIABLE: Final = ValueKind("name of a variable", _variable)
PATIENCE: Final = ValueKind("duration (30s, 5min; at most 1h)", _seconds)
