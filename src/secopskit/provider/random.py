"""The provider `random`: a value that nobody but its readers knows, such as a token between services of ours.

There is no vendor: the new value holds as soon as the readers have it, and the old one dies with the last
process that was started with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.provider.exchange import exchange, scheme_of
from secopskit.provider.generators import (
    GeneratedValue,
    generate_base64,
    generate_hex,
    generate_password,
    generate_token,
    generate_uuid,
)
from secopskit.provider.interface import (
    STAND_IN,
    Credential,
    NewValue,
    Outline,
    RotationDraft,
    RotationPhase,
    Surroundings,
)
from secopskit.secret import SecretValue
from secopskit.settings.options import Option, Text, ValueKind, one_text

_KINDS: Final[dict[str, Callable[[int, int], GeneratedValue]]] = {
    "token": lambda size, _: generate_token(size),
    "base64": lambda size, _: generate_base64(size),
    "hex": lambda size, _: generate_hex(size),
    "password": lambda _, length: generate_password(length=length),
    "uuid": lambda _, __: generate_uuid(),
}
_DATABASES: Final = frozenset({"postgres", "postgresql", "postgis"})
_BYTES: Final = range(16, 1025)
_LENGTHS: Final = range(16, 513)


def _kind(value: Text) -> str:
    word = one_text(value).lower()
    if word not in _KINDS:
        raise ValueError
    return word


def _within(numbers: range) -> ValueKind:
    def parse(value: Text) -> int:
        text = one_text(value)
        if not (text.isascii() and text.isdigit()) or len(text) > 4 or int(text) not in numbers:
            raise ValueError
        return int(text)

    return ValueKind(f"a number from {numbers[0]} to {numbers[-1]}", parse)


SETTINGS: Final = (
    Option(
        "kind",
        ValueKind(", ".join(_KINDS), _kind),
        "token",
        "`token`: URL-safe base64. `base64`: as `openssl rand -base64` writes it. `hex`, `uuid`. `password`: "
        "all classes of characters, none that a URL or a person misreads.",
        "rotate",
    ),
    Option("bytes", _within(_BYTES), "32", "Random bytes of a token, base64 or hex.", "rotate"),
    Option("length", _within(_LENGTHS), "32", "Characters of a password.", "rotate"),
)


def provider(credential: Credential, _: Surroundings) -> RandomProvider:
    """The rotation of a value that we make up."""
    return RandomProvider(credential)


class RandomProvider:
    """A value that is made up here. See `secopskit.provider.interface.Provider`."""

    phase = RotationPhase.SINGLE

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        self._require_made_up()
        kind = self._credential.settings["kind"]
        return Outline(
            create=f"Make a new {kind} of the system's randomness.",
            verify="Nothing to ask: it holds where its readers have it.",
            revoke="Nothing to revoke: the old value dies when the last reader has started anew.",
            strength=f"{self._generate().bits} bits",
            costs=(
                "Until all have started anew, readers with the new and with the old value refuse each other.",
            ),
            unknown=("Whether all readers have started anew is not looked at.",),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        self._require_made_up()
        made = self._generate()
        return RotationDraft(value=made.value, memo={"bits": str(made.bits)})

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`: it is real with its first reader."""
        if draft.value is None:
            raise SecopsError("the journal lacks the new value", advice="Give this rotation up: --abort.")
        return NewValue(value=draft.value, memo=draft.memo)

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        return f"{new.memo.get('bits', '?')} bits; no reader was asked whether it takes the new value."

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        return exchange(value, self._credential.old, new.value)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`: nobody can be seen."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`."""
        return (
            "Nothing to revoke: it dies when the last reader has started anew with the new value, "
            "which was not looked at."
        )

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`."""
        return "The new value is forgotten: nobody but its readers knew it."

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        old = self._credential.old
        return (old,) if old else ()

    def _require_made_up(self) -> None:
        """Raise ConfigError where the old value is a URL: a bare value in its place would reach nobody."""
        old = self._credential.old
        scheme = scheme_of(old) if old else ""
        if not scheme:
            return
        raise ConfigError(
            f"{self._credential.id}: its value is a URL, and `random` makes bare values",
            advice="Declare `provider: postgres`: it changes the password in the URL."
            if scheme in _DATABASES
            else "Declare the password or token in it by a name of its own, or `provider: manual`.",
        )

    def _generate(self) -> GeneratedValue:
        settings = self._credential.settings
        made: GeneratedValue = _KINDS[settings["kind"]](settings["bytes"], settings["length"])
        return made
