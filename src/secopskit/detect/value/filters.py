"""The judgement of a value by itself, in one place: what rules and structured detectors import.

Bytes in, answer out. Every expression is bounded and values are cut before they are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.value.generic_filters import password_is_unlikely, secret_is_unlikely, token_is_unlikely
from secopskit.detect.value.keys import KeyKind, sensitive_key
from secopskit.detect.value.logins import (
    connection_password_is_unlikely,
    login_is_unlikely,
    option_password_is_unlikely,
    url_password_is_strong,
    url_password_is_unlikely,
)
from secopskit.detect.value.passwords import is_weak_password, plausible_password
from secopskit.detect.value.placeholders import is_path, is_placeholder, is_reference
from secopskit.detect.value.randomness import entropy, looks_random

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FILTERS",
    "KeyKind",
    "entropy",
    "is_path",
    "is_placeholder",
    "is_reference",
    "is_weak_password",
    "looks_random",
    "plausible_password",
    "sensitive_key",
]


def _placeholder(secret: bytes, line: bytes) -> bool:
    del line  # the value speaks for itself
    return is_placeholder(secret)


FILTERS: Final[dict[str, Callable[[bytes, bytes], bool]]] = {
    "placeholder": _placeholder,
    "stronger-url-password": url_password_is_strong,
    "unlikely-connection-password": connection_password_is_unlikely,
    "unlikely-login": login_is_unlikely,
    "unlikely-option-password": option_password_is_unlikely,
    "unlikely-password": password_is_unlikely,
    "unlikely-secret": secret_is_unlikely,
    "unlikely-url-password": url_password_is_unlikely,
    "unlikely-token": token_is_unlikely,
}
"""By the name rules use: takes the secret and the line it stands on; True means drop the match."""
