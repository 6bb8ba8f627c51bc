"""The replacement of a value, in each way of writing and in each kind of file.

`***REMOVED***` is no JSON number and, without quotes, a broken alias in YAML. So the same text has several
forms, and the first with which the file still parses is taken.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from secopskit.purge.model import DEFAULT_REPLACEMENT, PurgeTarget, Style
from secopskit.purge.values.forms import Form

_SAFE_WORD: Final = re.compile(rb"[^A-Za-z0-9_-]+")
_WORD: Final = b"REMOVED"
# What git does not take in the name or the address of an author.
_UNFIT_FOR_IDENTITY: Final = re.compile(rb"[<>\n\r\0]+")
_BREAKS: Final = b"\r\n"


class ReplacementForm(Enum):
    """A form of the replacement: how it is written where the file would not parse with the plain text."""

    PLAIN = "as it is"
    QUOTED = "in double quotes"
    WORD = "letters alone"
    DIGITS = "a number"
    IDENTITY = "fit for an author"
    LENGTH = "as long as the value"


_KEEP_LENGTH: Final = (ReplacementForm.DIGITS, ReplacementForm.LENGTH)


def replacement(target: PurgeTarget, form: Form, kind: ReplacementForm = ReplacementForm.PLAIN) -> bytes:
    """The text that is written instead of `form` of `target`, in this kind of replacement."""
    text = _in_kind(base_text(target), kind if not form.rigid else ReplacementForm.PLAIN)
    try:
        return _written(target, text, form, kind)
    except UnicodeDecodeError:  # a text that is not UTF-8 cannot be kind as JSON or in UTF-16
        return _written(target, _WORD, form, kind)


def _written(target: PurgeTarget, text: bytes, form: Form, kind: ReplacementForm) -> bytes:
    if form.rigid:
        return form.write(_fit(text, form.value, kind))
    if kind in _KEEP_LENGTH or (target.style is Style.LENGTH and kind is not ReplacementForm.WORD):
        return _as_long_as_form(text, form, kind)
    return form.write(text)


def base_text(target: PurgeTarget) -> bytes:
    """The replacement of a target before it is fitted to a place."""
    if target.style is Style.RULE and target.rule_id:
        return b"***REMOVED:%s***" % target.rule_id.encode()
    return target.replacement if target.style is not Style.RULE else DEFAULT_REPLACEMENT


def _in_kind(text: bytes, kind: ReplacementForm) -> bytes:
    match kind:
        case ReplacementForm.QUOTED:
            return b'"%s"' % text
        case ReplacementForm.WORD:
            return _SAFE_WORD.sub(b"", text) or _WORD
        case ReplacementForm.DIGITS:
            return b"1"
        case ReplacementForm.IDENTITY:
            return _UNFIT_FOR_IDENTITY.sub(b"", text) or _WORD
        case ReplacementForm.PLAIN | ReplacementForm.LENGTH:
            return text


def _as_long_as_form(text: bytes, form: Form, kind: ReplacementForm) -> bytes:
    if form.wide > 1:
        return form.write(_fit(text, bytes(len(form.text) // form.wide), kind))
    fitted = _fit(text, form.text, kind)
    for start, end in form.kept:
        fitted = fitted[:start] + form.text[start:end] + fitted[end:]
    return fitted


def _fit(text: bytes, model: bytes, kind: ReplacementForm) -> bytes:
    """`text` as long as `model`, line breaks where it has them."""
    filler = b"0" if kind is ReplacementForm.DIGITS else b"*"
    fitted = text if len(text) <= len(model) and not any(b in _BREAKS for b in model) else b""
    fitted = fitted.ljust(len(model), filler)
    return bytes(old if old in _BREAKS else new for new, old in zip(fitted, model, strict=True))
