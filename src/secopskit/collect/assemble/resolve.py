"""Values with their references put in, as Compose would: the variable where it is known, else its default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from secopskit.collect.value import ConfigValue
from secopskit.formats.references import LONGEST, references

ValueLookup: TypeAlias = Callable[[str], ConfigValue | None]
"""The value of a variable by its name, None where nobody knows it."""

UNKNOWN: Final = "\ue000"
"""What stands in a text for what nobody knows: a character that no configuration holds."""
_UNKNOWN_BYTES: Final = UNKNOWN.encode()
_ROUNDS: Final = 4


def resolved(value: ConfigValue, look: ValueLookup) -> str:
    """The text of `value` with its references put in; `UNKNOWN` where one is not known.

    References within defaults and within what is put in are followed a few levels deep. It may hold a
    secret: who gets it keeps no more of it than what may be shown.
    """
    text = value.secret.reveal()[:LONGEST]
    for _ in range(_ROUNDS):
        if b"$" not in text:
            break
        text = _once(text, look)[:LONGEST]
    for found in reversed(list(references(text))):
        text = text[: found.span.start] + _UNKNOWN_BYTES + text[found.span.end :]
    return text.decode("utf-8", "replace").replace("$$", "$")


def _once(text: bytes, look: ValueLookup) -> bytes:
    pieces, last, length = list[bytes](), 0, 0
    for found in references(text):
        if length > LONGEST:
            break  # what comes behind is cut off
        known = look(found.name.removeprefix("env."))
        pieces.append(text[last : found.span.start])
        if known:
            pieces.append(known.secret.reveal()[:LONGEST])
        else:
            pieces.append(_UNKNOWN_BYTES if found.default is None else found.default)
        length += found.span.start - last + len(pieces[-1])
        last = found.span.end
    return b"".join((*pieces, text[last:]))
