"""The judgement of a value by itself, in one place: what rules and structured detectors import.

Bytes in, answer out. Every expression is bounded and values are cut before they are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.chance.randomness import entropy, looks_random
from secopskit.detect.name.keys import KeyKind, kind_below, kind_of_several, sensitive_key
from secopskit.detect.value.bare_keys import against_armoured
from secopskit.detect.value.elsewhere import is_drawn_among_signs, is_reference
from secopskit.detect.value.fakes import against_commented, against_fake
from secopskit.detect.value.generic_filters import (
    against_byte_string,
    against_encoded_text,
    against_password,
    against_secret,
    against_token,
    against_wrapped_secret,
)
from secopskit.detect.value.hashes import is_password_hash
from secopskit.detect.value.logins import (
    against_connection_password,
    against_login,
    against_option_password,
    against_url_password,
    against_weak_url_password,
)
from secopskit.detect.value.made_up import is_made_up, is_made_up_secret
from secopskit.detect.value.passwords import against_plausible, is_weak_password, plausible_password
from secopskit.detect.value.placeholders import PATH, PLACEHOLDER, against_value, is_path, is_placeholder
from secopskit.detect.value.told_filters import (
    against_query_password,
    against_text_password,
    against_told_password,
    against_variable_password,
)
from secopskit.detect.value.vendor_filter import against_vendor_secret
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FILTERS",
    "PATH",
    "PLACEHOLDER",
    "KeyKind",
    "against_plausible",
    "against_value",
    "entropy",
    "is_drawn_among_signs",
    "is_made_up",
    "is_made_up_secret",
    "is_password_hash",
    "is_path",
    "is_placeholder",
    "is_reference",
    "is_weak_password",
    "kind_below",
    "kind_of_several",
    "looks_random",
    "plausible_password",
    "sensitive_key",
]


_MAVEN: Final = LazyRegex(rb"[A-Za-z0-9+/]{40,400}={0,2}|[A-Za-z0-9+/]{14,400}={1,2}")


def _against_value(secret: bytes, line: bytes) -> str:
    """What the value itself says; the line only how it is written: in single quotes, in braces."""
    if b"}" in line and _MAVEN.fullmatch(secret) and b">{" + secret + b"}<" in line:
        return "is what Maven has encrypted"
    against = against_value(secret)
    if against and secret[:1] == b"$" and b"'" + secret + b"'" in line:
        return against_value(secret, literal=True)
    return against


FILTERS: Final[dict[str, Callable[[bytes, bytes], str]]] = {
    "armoured": against_armoured,
    "commented": against_commented,
    "encoded-text": against_encoded_text,
    "named-fake": against_fake,
    "placeholder": _against_value,
    "stronger-url-password": against_weak_url_password,
    "unlikely-byte-string": against_byte_string,
    "unlikely-connection-password": against_connection_password,
    "unlikely-login": against_login,
    "unlikely-option-password": against_option_password,
    "unlikely-password": against_password,
    "unlikely-secret": against_secret,
    "unlikely-query-password": against_query_password,
    "unlikely-text-password": against_text_password,
    "unlikely-url-password": against_url_password,
    "unlikely-token": against_token,
    "unlikely-told-password": against_told_password,
    "unlikely-variable-password": against_variable_password,
    "unlikely-vendor-secret": against_vendor_secret,
    "unlikely-wrapped-secret": against_wrapped_secret,
}
"""By the name rules use: takes the secret and the line it stands on.

Returns what speaks against the match, which is dropped then, in words that follow "it"; "" keeps it.
"""
