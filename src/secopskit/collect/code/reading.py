"""What collectors of all languages do: read a literal, a default, the line; and write down a lookup."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.facts import DynamicLookup, FactPlace, UseKind, VariableUse
from secopskit.collect.value import ConfigValue
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secopskit.collect.code.masking import SourceSyntax
    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

NAME: Final = rb"[A-Za-z_][A-Za-z0-9_]{0,120}"
_MOST: Final = 5000
_LITERAL: Final = LazyRegex(
    rb"[ \t\r\n]{0,200}(?:[bBrRuU]{1,2}|@|&)?"
    rb"(?:\"((?:[^\"\\\n]|\\.){0,2000})\"|'((?:[^'\\\n]|\\.){0,2000})'|`([^`\\$]{0,2000})`)"
)
_PREFIX: Final = LazyRegex(
    rb"[ \t\r\n]{0,200}(?:[fF]?[\"'`]([A-Z][A-Z0-9_]{1,80}_)(?:\$\{|\{|\#\{|%s|[\"'`][ \t]{0,8}(?:\+|\.|<>)))"
)
_NUMBER: Final = LazyRegex(rb"[ \t\r\n]{0,200}(-?[0-9][0-9_.]{0,40}|[Tt]rue|[Ff]alse)(?![\w.])")
_NOTHING: Final = LazyRegex(rb"[ \t\r\n]{0,200}(?:None|nil|null|NULL|undefined)(?!\w)")
_END: Final = LazyRegex(
    rb"[ \t]{0,200}(?:[,)\]};:\r\n]|$|as\b|!|\|\||\.(?:into|to_string|to_owned)\(\))|\s{1,200}[,)\]};:.]"
)
_GOES_ON: Final = LazyRegex(rb"[ \t]{0,20}(?:\+|\.(?!\w)|<>|%)")
_NAME: Final = LazyRegex(NAME)
_VARIABLE: Final = LazyRegex(rb"[ \t\r\n]{0,200}([A-Za-z_$][\w$]{0,80})[ \t\r\n]{0,200}[,)\]]")


def has_any(data: bytes, signs: tuple[bytes, ...]) -> bool:
    """Whether one of `signs` stands in `data`: far quicker than to parse it in vain."""
    for sign in signs:  # noqa: SIM110 - `any` takes twice as long, and every file is asked
        if sign in data:
            return True
    return False


def distinct(facts: Iterable[Fact]) -> Iterator[Fact]:
    """`facts` without lookups of a name that its line has already; at most 5000 of them."""
    seen = set[tuple[str, FactPlace]]()
    for fact in islice(facts, _MOST):
        if isinstance(fact, VariableUse | DynamicLookup):
            key = (fact.name if isinstance(fact, VariableUse) else f"*{fact.prefix}", fact.place)
            if key in seen:
                continue
            seen.add(key)
        yield fact


class DefaultValue(NamedTuple):
    """What counts without the variable: None where that is nothing; empty where it is computed."""

    value: ConfigValue | None


class SourceText:
    """A source file: as it stands without comments (`bare`), and also without texts (`code`)."""

    def __init__(self, blob: Blob, syntax: SourceSyntax, language: str) -> None:
        self.path = blob.path
        self.data = blob.data
        self.bare, self.code = syntax.masked(blob.data)
        self._language = language

    @cached_property
    def _breaks(self) -> list[int]:
        return [found.start() for found in re.finditer(rb"\n", self.data)]

    def place(self, offset: int) -> FactPlace:
        """Where `offset` is."""
        return FactPlace(self.path, bisect_left(self._breaks, offset) + 1)

    def use(
        self,
        name: bytes | str,
        offset: int,
        default: DefaultValue | None = None,
        *,
        required: bool = False,
        bundled: bool = False,
        schema: bool = False,
    ) -> VariableUse:
        """A lookup of `name` at `offset`; what has a default is not required."""
        return VariableUse(
            name=name.decode("ascii", "replace") if isinstance(name, bytes) else name,
            place=self.place(offset),
            kind=UseKind.CODE,
            language=self._language,
            default=default.value if default else None,
            required=required and not (default and default.value is not None),
            bundled=bundled,
            schema=schema,
        )

    def dynamic(self, offset: int, prefix: bytes = b"") -> DynamicLookup:
        """A lookup of a computed name at `offset`."""
        return DynamicLookup(self._language, self.place(offset), prefix.decode("ascii", "replace"))

    def literal(self, at: int) -> tuple[bytes, int] | None:
        """The text that stands at `at`, and where it ends; None if none does, or blank within a comment."""
        found = _LITERAL.match(self.bare, at)
        if found is None:
            return None
        return next(text for text in found.groups() if text is not None), found.end()

    def name(self, at: int) -> tuple[bytes, int] | None:
        """The name of a variable that stands at `at` as a text, or as a constant of this file."""
        if found := self.literal(at):
            return found if _NAME.fullmatch(found[0]) and self._is_whole(found[1]) else None
        if (word := _VARIABLE.match(self.code, at)) and (text := self.constants.get(word[1])):
            return text, word.end(1)
        return None

    def _is_whole(self, end: int) -> bool:
        """Whether the text that ends there is not a part of a longer expression."""
        return _GOES_ON.match(self.code, end) is None

    def lookup(self, at: int) -> tuple[bytes, int] | bytes:
        """The name at `at` and its end; where it is computed, what is known of its beginning."""
        found = self.name(at)
        if found is not None:
            return found
        prefix = _PREFIX.match(self.bare, at)
        return prefix[1] if prefix else b""

    def default(self, at: int) -> DefaultValue:
        """The value of the expression that stands at `at`."""
        found = self.literal(at)
        if found and _END.match(self.code, found[1]):
            return DefaultValue(ConfigValue(found[0]))
        if (number := _NUMBER.match(self.code, at)) and _END.match(self.code, number.end()):
            return DefaultValue(ConfigValue(number[1].replace(b"_", b"")))
        if (nothing := _NOTHING.match(self.code, at)) and _END.match(self.code, nothing.end()):
            return DefaultValue(None)
        return DefaultValue(ConfigValue(b""))

    @cached_property
    def constants(self) -> dict[bytes, bytes]:
        """The names that this file gives to texts that look like a variable's name."""
        return {found[1]: found[2] for found in _CONSTANT.finditer(self.bare)}


_CONSTANT: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}(?:(?:export|const|let|var|final|static|private|public|pub|String|string|"
    rb"val)[ \t]{1,8}){0,6}"
    rb"([A-Za-z_]\w{1,80})[ \t]{0,8}(?::[ \t]{0,8}[\w&']{1,40}(?: str)?[ \t]{0,8})?:?=[ \t]{0,8}"
    rb"[\"']([A-Z][A-Z0-9_]{2,120})[\"'][ \t]{0,8};?[ \t]{0,8}$"
)
