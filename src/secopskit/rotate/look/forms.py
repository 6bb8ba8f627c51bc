"""How a value stands in others: as it is, or written as URLs, JSON, XML and base64 have it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from secopskit.purge.model import PurgeTarget
from secopskit.purge.values.forms import forms_of
from secopskit.secret import SecretValue

SHORTEST: Final = 8
"""Bytes below which a value is not looked for within others: it would be found everywhere."""


@lru_cache(maxsize=256)
def written_forms(value: SecretValue) -> tuple[bytes, ...]:
    """The ways in which `value` may be written, the plain one first."""
    target = PurgeTarget(number=0, value=value, label="", fingerprint="", preview="")
    return tuple(form.text for form in forms_of(target))


def concerns(whole: SecretValue | None, part: SecretValue) -> bool:
    """Whether `whole` is `part` or contains it, however it is written there."""
    if whole is None:
        return False
    if whole == part:
        return True
    text, inner = whole.reveal(), part.reveal()
    if len(inner) < SHORTEST:
        return False
    return any(form in text for form in written_forms(part)) or inner in unquote_to_bytes(text)


def same_text(text: bytes, value: SecretValue) -> bool:
    """Whether `text` is the value, plain or written for a URL."""
    plain = value.reveal()
    return text == plain or (b"%" in text and unquote_to_bytes(text) == plain)
