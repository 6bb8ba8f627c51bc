"""Names of several of a kind before a list: `api_keys = ["…", "…"]` holds what `api_key` would."""

from __future__ import annotations

from typing import Final

from secopskit.detect.name.keys import kind_of_several, sensitive_key
from secopskit.lazy_regex import TailRegex

# What opens a list, and the items before the one that is asked about.
_LIST: Final = TailRegex(
    rb"(?:\[|(?<=[=:])[ \t]{0,4}[({]|(?:\barray|\b(?:List|Set|Arrays)\.(?:of|asList))\("
    rb"|(?:\bnew[ \t]{1,4})?\w{0,20}\[\]\w{0,20}[ \t]{0,2}\{)"
    rb"(?:\s{0,20}(?:\"[^\"\n]{1,120}\"|'[^'\n]{1,120}'),){0,4}$",
    width=660,
)
_ENDS: Final = (b"[", b"(", b"{", b",")


def before_list(text: bytes) -> bytes:
    """`text` without the list that begins at its end; b"" where none does."""
    found = _LIST.search(text) if text.endswith(_ENDS) else None
    return text[: found.start()] if found else b""


def one_of(name: bytes) -> bytes:
    """The name of one of several: `api_key` of `api_keys`; b"" where it is not that of several secrets."""
    if name[-1:] not in b"sS":
        return b""
    if sensitive_key(name):  # `SECRET_KEY_FALLBACKS`, `credentials`
        return name
    return name[:-1] if kind_of_several(name.decode("ascii", "replace")) else b""
