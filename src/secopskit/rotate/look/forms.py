"""How a value stands in others: as it is, or written as URLs, JSON, XML, base64 or shells have it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from secopskit.purge.model import PurgeTarget
from secopskit.purge.values.forms import forms_of
from secopskit.secret import SecretValue

_IN_DOUBLE_QUOTES: Final = re.compile(rb"[$`\"\\]")
SHORTEST: Final = 8
"""Bytes below which a value is not looked for within others: it would be found everywhere."""


@lru_cache(maxsize=256)
def written_forms(value: SecretValue) -> tuple[bytes, ...]:
    """The ways in which `value` may be written, the plain one first."""
    target = PurgeTarget(number=0, value=value, label="", fingerprint="", preview="")
    return tuple(dict.fromkeys((*(form.text for form in forms_of(target)), *_escaped(value.reveal()))))


def _escaped(text: bytes) -> tuple[bytes, ...]:
    """As files have it in which some characters mean something else."""
    return (
        text.replace(b"$", b"$$"),  # Compose, make
        text.replace(b"%", b"%%"),  # INI files that interpolate, systemd
        quote(text, safe="").replace("%", "%%").encode(),  # and a URL in one of these
        _IN_DOUBLE_QUOTES.sub(rb"\\\g<0>", text),  # shells, Dockerfiles
    )


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
