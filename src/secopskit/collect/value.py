"""A value of a configuration: what can be said about it without saying it."""

from __future__ import annotations

import re
from typing import Final

from secopskit.detect.value.elsewhere import is_reference
from secopskit.detect.value.generic_filters import is_drawn
from secopskit.detect.value.passwords import is_weak_password
from secopskit.detect.value.placeholders import is_path, is_placeholder
from secopskit.formats.references import references
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

_ENCRYPTED: Final = (b"ENC[", b"{cipher}", b"$ANSIBLE_VAULT")
_HARMLESS: Final = re.compile(
    r"(?i)true|false|yes|no|on|off|none|null|[0-9]{1,5}|debug|info|warn|warning|error|development|production|"
    r"staging|test|local",
    re.ASCII,
)


_LOGIN: Final = re.compile(
    rb"([A-Za-z][A-Za-z0-9+.-]{1,24})://([^\s:/@\"']{0,80}):([^\s/@\"']{1,200})@([^\s:/?#@,\"']{1,253})"
)
# A variable whose default is another one.
_NESTING: Final = re.compile(rb"\$\{([A-Za-z_]\w{0,120}):?-(?=\$)", re.ASCII)
_DEEPEST: Final = 8
_LONGEST_LOGIN: Final = 4096


class UrlLogin(NamedTuple):
    """The login of a URL: `scheme://user:password@host`, as it is written."""

    user: str
    password: ConfigValue
    host: str
    scheme: str


class ValueReference(NamedTuple):
    """A variable that a value refers to. `default` is None where it has none; `required` as in `${X:?}`."""

    name: str
    default: ConfigValue | None
    required: bool = False


class ConfigValue:
    """A value as it is written. Compares by value, prints as `***`; its text is given to few."""

    __slots__ = ("_secret",)

    def __init__(self, value: bytes) -> None:
        self._secret = SecretValue(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConfigValue) and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(self._secret)

    def __repr__(self) -> str:
        return "ConfigValue(***)"

    def __len__(self) -> int:
        return len(self._secret)

    @property
    def secret(self) -> SecretValue:
        """The value, for who may reveal it."""
        return self._secret

    @property
    def references(self) -> tuple[ValueReference, ...]:
        """The variables in it: `${X}`, `$X`, `${X:-default}`, `${X:?message}`, `${{ secrets.X }}`."""
        written = self._secret.reveal()
        return tuple(
            ValueReference(
                found.name,
                None if found.default is None else ConfigValue(found.default),
                b"?" in written[found.span.start : found.span.end],
            )
            for found in references(written)
        )

    @property
    def whole_reference(self) -> ValueReference | None:
        """The variable that it is as a whole: `${X:-default}`, and nothing before or behind."""
        written = self._secret.reveal().strip()
        found = list(references(written))
        whole = len(found) == 1 and found[0].span.end - found[0].span.start == len(written)
        return self.references[0] if whole else None

    @property
    def stand_ins(self) -> tuple[ValueReference, ...]:
        """The variables that stand for it in turn: of `${X:-${Y:-default}}` X, then Y with its default.

        Empty where it is not a variable as a whole.
        """
        text, outer = self._secret.reveal().strip(), list[ValueReference]()
        while len(outer) < _DEEPEST and (found := _NESTING.match(text)) and text.endswith(b"}"):
            text = text[found.end() : -1]
            outer.append(ValueReference(found[1].decode(), ConfigValue(text)))
        last = ConfigValue(text).whole_reference
        return (*outer, last) if last else ()

    @property
    def is_literal(self) -> bool:
        """Whether it is a text that says all by itself: not empty, and it refers to nothing."""
        return bool(self._secret) and not self.references

    @property
    def is_placeholder(self) -> bool:
        """Whether it is empty, or only shows where a value belongs (`changeme`, `<token>`, `xxx`)."""
        return not self._secret or is_placeholder(self._secret.reveal())

    @property
    def is_pointer(self) -> bool:
        """Whether it says where the value is kept (`op://vault/db`), or is encrypted (`ENC[…]`)."""
        text = self._secret.reveal()[:_LONGEST_LOGIN]
        return text.startswith(_ENCRYPTED) or (is_reference(text) and not self.is_drawn)

    @property
    def is_path(self) -> bool:
        """Whether it names a file or a directory."""
        return is_path(self._secret.reveal())

    @property
    def is_weak(self) -> bool:
        """Whether anybody would guess it as a password: a default, a word, digits in a row."""
        return is_weak_password(self._secret.reveal())

    @property
    def shown(self) -> str:
        """The value where it is a word or number that nobody keeps secret (`true`, `5432`), else empty."""
        text = self._secret.reveal().decode("utf-8", "replace")
        return text if _HARMLESS.fullmatch(text) else ""

    @property
    def is_drawn(self) -> bool:
        """Whether it looks drawn by a machine, as keys and generated passwords do."""
        return is_drawn(self._secret.reveal()[:_LONGEST_LOGIN])

    @property
    def is_url(self) -> bool:
        """Whether it is the address of something: `scheme://…`."""
        return b"://" in self._secret.reveal()[:40]

    def mentions(self, name: str) -> bool:
        """Whether `name` stands in it, in any case, as in `!!!SET DB_PASSWORD!!!`."""
        return name.encode().lower() in self._secret.reveal()[:_LONGEST_LOGIN].lower()

    def begins_with(self, word: str) -> bool:
        """Whether its first letters are `word`, in any case."""
        return self._secret.reveal()[: len(word)].lower() == word.encode().lower()

    @property
    def login(self) -> UrlLogin | None:
        """The login in it, where it is or has a URL with a password."""
        found = _LOGIN.search(self._secret.reveal()[:_LONGEST_LOGIN])
        if found is None:
            return None
        scheme, user, host = (found[number].decode("utf-8", "replace") for number in (1, 2, 4))
        return UrlLogin(user, ConfigValue(found[3]), host, scheme.lower())
