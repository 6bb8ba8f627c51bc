"""The judgement of a value by itself, in one place: what rules and structured detectors import.

Bytes in, answer out. Every expression is bounded and values are cut before they are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.value.generic_filters import (
    against_password,
    against_secret,
    against_token,
    against_wrapped_secret,
    is_made_up,
)
from secopskit.detect.value.keys import KeyKind, sensitive_key
from secopskit.detect.value.logins import (
    against_connection_password,
    against_login,
    against_option_password,
    against_url_password,
    against_weak_url_password,
)
from secopskit.detect.value.passwords import is_weak_password, plausible_password
from secopskit.detect.value.placeholders import is_path, is_placeholder, is_reference
from secopskit.detect.value.randomness import entropy, looks_random
from secopskit.detect.value.vendor_filter import against_vendor_secret

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FILTERS",
    "KeyKind",
    "entropy",
    "is_made_up",
    "is_path",
    "is_placeholder",
    "is_reference",
    "is_weak_password",
    "looks_random",
    "plausible_password",
    "sensitive_key",
]


def _placeholder(secret: bytes, line: bytes) -> str:
    del line  # the value speaks for itself
    return "is a placeholder or a reference" if is_placeholder(secret) else ""


FILTERS: Final[dict[str, Callable[[bytes, bytes], str]]] = {
    "placeholder": _placeholder,
    "stronger-url-password": against_weak_url_password,
    "unlikely-connection-password": against_connection_password,
    "unlikely-login": against_login,
    "unlikely-option-password": against_option_password,
    "unlikely-password": against_password,
    "unlikely-secret": against_secret,
    "unlikely-url-password": against_url_password,
    "unlikely-token": against_token,
    "unlikely-vendor-secret": against_vendor_secret,
    "unlikely-wrapped-secret": against_wrapped_secret,
}
"""By the name rules use: takes the secret and the line it stands on.

Returns what speaks against the match, which is dropped then, in words that follow "it"; "" keeps it.
"""
