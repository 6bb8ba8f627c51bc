"""The forms in which one value may stand in a repository, and what takes the place of each.

A form is a way of writing: what replaces a value is written in the same way, so that what is
around it stays well-formed. A `Form` is a fixed text, as one program writes it that escapes what it must.
What others escape besides, and what is cut in pieces, is found sign by sign: a `PiecedForm`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, product
from typing import Final

from secopskit.purge.model import PurgeTarget
from secopskit.purge.values.ways import BASE64_WAYS, WAYS, Way, as_is, lower_units
from secopskit.purge.values.written.reading import Step
from secopskit.purge.values.written.search import SoughtText
from secopskit.purge.values.written.units import Escape
from secopskit.purge.values.written.writing import joins_of, spread, written_alike

_KEY_LINE: Final = 48
_KEY_ALPHABET: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
# The first line of every unencrypted OpenSSH key of a kind is the same: "openssh-key-v1" and a header.
_COMMON_KEY_LINE: Final = b"b3BlbnNzaC1rZXktdjEA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way in which target `number` may be written: exactly `text`.

    `write` turns what replaces it into the same way of writing. `value` is what was written; a
    form that is `rigid` (base64) must keep its length, so what replaces it must have the value's.
    `wide` are the bytes a character takes. `kept` are the parts of `text`, as half-open offsets, that
    do not stand for anything of the value: what joins its pieces.
    """

    number: int
    text: bytes = field(repr=False)
    value: bytes = field(repr=False)
    write: Way = field(repr=False)
    rigid: bool = False
    wide: int = 1
    kept: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecedForm:
    """A text that stands for target `number`, each sign of which may be written in any way, maybe in pieces.

    For `value` and `write` see `Form`.
    """

    number: int
    sought: SoughtText
    value: bytes = field(repr=False)
    write: Way = field(repr=False)

    def found_as(self, text: bytes) -> Form:
        """The form in which it stands as exactly `text`, where it was found."""
        steps = self.sought.read(self.sought.seen(text), 0, end=len(text))
        return Form(
            number=self.number,
            text=text,
            value=self.value,
            write=partial(self._written, text=text, steps=steps),
            rigid=self.sought.base64,
            kept=tuple((step.start, step.end) for step in steps if step.escape is Escape.JOIN),
        )

    def _written(self, replacement: bytes, *, text: bytes, steps: tuple[Step, ...]) -> bytes:
        if not self.sought.base64:
            return written_alike(replacement, text, steps) + joins_of(text, steps)
        return spread(self.write(replacement), text, steps)


def forms_of(target: PurgeTarget) -> list[Form]:
    """All forms of a target, each text once, the plain one first."""
    forms: dict[bytes, Form] = {}
    for form in chain(_plain(target), _encoded(target)):
        if form.text:
            forms.setdefault(form.text, form)
    return list(forms.values())


def _plain(target: PurgeTarget) -> Iterator[Form]:
    value = target.value.reveal()
    for text in chain(layouts(value), _key_lines(value), (extra.reveal() for extra in target.extra_forms)):
        yield Form(number=target.number, text=text, value=text, write=as_is)


def _encoded(target: PurgeTarget) -> Iterator[Form]:
    for value in layouts(target.value.reveal()):
        for way in WAYS:
            text = way.written(value)
            if len(text) >= way.shortest:
                model = lower_units(value) if way.utf16 else value
                write = _as_long(way.write, text, model) if way.rigid else way.write
                yield Form(
                    number=target.number, text=text, value=model, write=write, rigid=way.rigid, wide=way.wide
                )


def _as_long(write: Way, text: bytes, value: bytes) -> Way:
    """What writes texts as long as `value` in as many bytes as `text`, whatever there is in them."""

    def written(replacement: bytes) -> bytes:
        found = write(replacement)
        return found if len(found) == len(text) else write(b"*" * len(value))

    return written


def pieced_forms_of(target: PurgeTarget) -> list[PiecedForm]:
    """The forms of a target that are looked for sign by sign: its text, and its base64 in each alignment."""
    plain = flush(target.value.reveal())
    forms = {plain: PiecedForm(number=target.number, sought=SoughtText(text=plain), value=plain, write=as_is)}
    for value, way in product(layouts(target.value.reveal()), BASE64_WAYS):
        text = way.written(value)
        if len(text) >= way.shortest and text not in forms:
            model = lower_units(value) if way.utf16 else value
            forms[text] = PiecedForm(
                number=target.number,
                sought=SoughtText(text=text, base64=True),
                value=model,
                write=_as_long(way.write, text, model),
            )
    return [form for text, form in forms.items() if text]


def flush(value: bytes) -> bytes:
    """The value with plain line ends, and no blanks around its lines."""
    if b"\n" not in value:
        return value
    return b"\n".join(line.strip(b" \t\r") for line in value.split(b"\n")).strip(b"\n")


def layouts(value: bytes) -> list[bytes]:
    """The value itself, and a value of many lines with either line end, as found and not indented."""
    if b"\n" not in value:
        return [value]
    unix = value.replace(b"\r\n", b"\n")
    flush = b"\n".join(line.strip(b" \t") for line in unix.split(b"\n"))
    texts = [value, *(text.replace(b"\n", end) for text in (unix, flush) for end in (b"\n", b"\r\n"))]
    return list(dict.fromkeys(texts))


def _key_lines(value: bytes) -> Iterator[bytes]:
    """The lines of a private key that tell it: found however they are indented, quoted or joined."""
    if b"-----BEGIN " not in value:
        return
    for line in value.replace(b"\\n", b"\n").split(b"\n"):
        text = line.strip()
        if (
            len(text) >= _KEY_LINE
            and _KEY_ALPHABET.issuperset(text)
            and not text.startswith(_COMMON_KEY_LINE)
        ):
            yield text
