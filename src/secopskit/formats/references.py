"""What a value refers to: variables of a shell, of Compose and of Spring, and expressions of CI jobs.

`${VAR}`, `$VAR`, `${VAR:-default}`, `${VAR:?message}`, Spring's `${var:default}` and `${{ name }}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 4096
"""Bytes of a value that are looked at."""


class Reference(NamedTuple):
    """One reference within a value. `span` is where it stands in the value, its signs included.

    `default` is what the value is without the variable, None where there is no default.
    """

    name: str
    span: Span
    default: bytes | None = None


class Default(NamedTuple):
    """The text after `:-` in `${VAR:-text}`, and where it starts inside the value."""

    value: bytes
    offset: int


_REFERENCE: Final = LazyRegex(
    rb"\$\{\{[ \t]{0,20}([A-Za-z_][\w.-]{0,120})[ \t]{0,20}\}\}"
    rb"|(?<!\$)\$(?:\{([A-Za-z_][\w.]{0,120})(?::?[?+][^{}]{0,400}|(?::-|-|:(?![?+=-]))([^${}]{0,400}))?\}"
    rb"|([A-Za-z_]\w{0,120}))"
)
# `${file:a:b}` asks a provider. `${a-b}` is one name to Maven and Spring; where `-` leads to a default,
# in a shell and in Compose, names are written in capitals.
_DEFAULT: Final = LazyRegex(
    rb"\$\{(?!(?:file|env|vault|dir|directory|sys|secrets?|secretsmanager|sm|ssm|kms|akv|configmap):[^-])"
    rb"(?:[A-Za-z_][\w.]{0,120}(?::-|:(?![?+=-]))|[A-Z_][A-Z0-9_]{0,120}-)([^${}]{1,400})\}"
)


def references(value: bytes) -> Iterator[Reference]:
    """The references in `value`, in order. `$$`, Compose's escaped dollar, begins none."""
    for found in _REFERENCE.finditer(value[:LONGEST]):
        name = next(found[number] for number in (1, 2, 4) if found[number] is not None)
        yield Reference(name=name.decode(), span=Span(*found.span()), default=found[3])


def default_of(value: bytes) -> Default | None:
    """The default in `${VAR:-default}`, `${VAR-default}` or Spring's `${VAR:default}`, if it has one."""
    if b"${" not in value:
        return None
    found = _DEFAULT.search(value[:LONGEST])
    return Default(found[1], found.start(1)) if found else None
