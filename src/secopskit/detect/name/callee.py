"""What the name of a called function says about its argument: given to a name, handed on, or neither."""

from __future__ import annotations

from typing import Final

from secopskit.detect.name.keys import sensitive_key, words
from secopskit.lazy_regex import LazyRegex

_MOST_WORDS: Final = 4


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GIVEN: Final = _set("set with put add use append assign having and by")
# Calls that hand their argument on, and constructors of text.
_THROUGH: Final = _set(
    "str string bytes bytearray byte lazy text from of valueof new some just to_string arc box f _t t "
    "lit unwrap_or unwrap_or_else orelse or_else getorelse get_or_else or ok encode decode b64decode "
    "atob pstr quote trim strip default nullif ifnull coalesce ref signal usestate field option arg "
    "argument env column mapped_column param prop header query"
)
# What a function does to a secret, or with it: its argument may be anything.
_DONE: Final = _set(
    "get check verify validate hash encrypt decrypt decode encode is has test parse generate create "
    "make compare match score reset forgot change expect fetch find load read sign authenticate login "
    "log require revoke refresh delete remove lookup assert build on handle show hide toggle render "
    "format mask redact sanitize extract resolve request send issue store save update unset confirm to "
    "from for of can should contains count normalize convert prompt ask input enter print rotate "
    "exchange consume mint invalidate equals equal next skip"
)
_PARTS: Final = LazyRegex(rb"[.:]")


def given_to(callee: bytes) -> bytes:
    """The name that a call gives its argument to: `password` for `setPassword`; b"" for other calls."""
    parts = words(_PARTS.split(callee)[-1].decode("ascii", "replace"))
    if not parts or not _DONE.isdisjoint(parts):
        return b""
    if parts[0] in _GIVEN:
        parts = parts[1:]
    name = "_".join(parts)
    return name.encode() if len(parts) <= _MOST_WORDS and sensitive_key(name) else b""


def hands_on(callee: bytes) -> bool:
    """Whether a call hands its argument on: a conversion, or the making of an object."""
    last = _PARTS.split(callee)[-1].decode("ascii", "replace")
    return last.lower() in _THROUGH or (last[:1].isupper() and not last.isupper())
