"""What a value refers to: variables of a shell, of Compose and of Spring, and expressions of CI jobs.

`${VAR}`, `$VAR`, `${VAR:-default}`, `${VAR:?message}`, Spring's `${var:default}` and `${{ name }}`. What is
an expression of a template as a whole (ERB, Go, Jinja, Serverless, GitHub) may have a literal default.
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
    """The text after `:-` in `${VAR:-text}`, or that of an expression, and where it starts in the value."""

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
    rb"\$\{(?!(?:file|env|vault|dir|directory|sys|secrets?|secretsmanager|sm|ssm|kms|akv|configmap"
    rb"|self|opt|cf|aws|sls):[^-])"
    rb"(?:[A-Za-z_][\w.]{0,120}(?::-|:(?![?+=-]))|[A-Z_][A-Z0-9_]{0,120}-)([^${}]{1,400})\}"
)


def references(value: bytes) -> Iterator[Reference]:
    """The references in `value`, in order. `$$`, Compose's escaped dollar, begins none."""
    for found in _REFERENCE.finditer(value[:LONGEST]):
        name = next(found[number] for number in (1, 2, 4) if found[number] is not None)
        yield Reference(name=name.decode(), span=Span(*found.span()), default=found[3])


_LITERAL: Final = rb"\\?[\"'`]([^\"'`\\\n]{1,300})\\?[\"'`]"
# What leads to a default: an operator, a filter or a function of that name, and a variable of the environment
# before it: `ENV['X'] || 'text'`, `x | default "text"`, `default('text')`, `fetch('X', 'text')`.
_BY_OPERATOR: Final = rb"(?:\|\||\?\?|\?:|(?<![\w.'\"-])(?:or|else)(?=[ \t]))[ \t]{0,4}"
_BY_FILTER: Final = (
    rb"(?<![\w.'\"-])(?:default|d)"
    rb"(?:[ \t]{0,2}\([ \t]{0,2}(?:\w{1,20}[ \t]{0,2}=[ \t]{0,2})?|[ \t]{1,4}|=)"
)
_BEHIND_NAME: Final = (
    rb"(?<![\w'\"-])(?i:(?:get_?)?env(?:_?var|_?or)?)(?:\.(?:fetch|get))?[ \t]{0,2}[( ][ \t]{0,2}"
    rb"\\?[\"'`][\w.-]{1,80}\\?[\"'`]"
    rb"(?:[ \t]{0,2},[ \t]{0,4}|[ \t]{1,4}|[ \t]{0,2}\)[ \t]{0,4}(?:\{|do\b)[ \t]{0,4})"
)
_FIRST_OF: Final = rb"(?<![\w.'\"-])coalesce[ \t(][^\"'`{}\n]{1,200}"
_OF_SERVERLESS: Final = rb"\$\{\w{1,20}(?:\([^(){}\"'\n]{0,80}\))?:[^\"'{}\n]{1,200},[ \t]{0,4}"
_LITERAL_DEFAULT: Final = LazyRegex(
    b"|".join(lead + _LITERAL for lead in (_BY_OPERATOR, _BY_FILTER, _BEHIND_NAME, _FIRST_OF, _OF_SERVERLESS))
)
_EXPRESSIONS: Final = ((b"<%", b"%>"), (b"{{", b"}}"), (b"${", b"}"), (b"#{", b"}"))


def default_of(value: bytes) -> Default | None:
    """The default in `${VAR:-default}`, `${VAR-default}` or Spring's `${VAR:default}`, if it has one.

    Also the literal one of an expression that is all of the value.
    """
    found = _DEFAULT.search(value[:LONGEST]) if b"${" in value else None
    if found:
        return Default(found[1], found.start(1))
    return _literal_default(value) if b"{" in value or b"<%" in value else None


def _literal_default(value: bytes) -> Default | None:
    text = value.strip()
    if len(text) > LONGEST or not any(
        text.startswith(one) and text.endswith(end) for one, end in _EXPRESSIONS
    ):
        return None
    found = _LITERAL_DEFAULT.search(value)
    if not found:
        return None
    group = next(number for number in range(1, len(found.groups()) + 1) if found[number] is not None)
    return Default(found[group], found.start(group))
