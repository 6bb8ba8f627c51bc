"""The declaration of the section `sync`: what an environment needs, as it is written and as a value.

Which kinds of source and sink there are is known to `secopskit.origin` and `secopskit.sink`; here is
only how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple
from secopskit.settings.options import (
    SEE,
    Text,
    ValueKind,
    advice_for,
    as_text,
    one_text,
    shown,
    text_list,
)
from secopskit.settings.shapes import listed

_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
# https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets
_NAME: Final = re.compile(r"(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]{0,254}", re.ASCII | re.IGNORECASE)
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}", re.ASCII)
_KIND: Final = re.compile(r"[a-z][a-z-]{0,40}", re.ASCII)
_LONGEST: Final = 4096
_NOTHING: Final = ("", "null", "~")  # YAML's ways to say that nothing stands there; we read texts
_INHERITED: Final = ("source", "sinks", "repositories", "visibility")
VISIBILITIES: Final = ("private", "all", "selected")


def check_repository(name: str) -> str:
    """`name`, if it is `owner/name`. Raises ValueError."""
    if not _REPOSITORY.fullmatch(name) or name.endswith(("/.", "/..")):
        raise ValueError
    return name


def one_of(words: tuple[str, ...]) -> Callable[[Text], str]:
    """A parser of one of these words."""

    def parse(value: Text) -> str:
        word = one_text(value).lower()
        if word not in words:
            raise ValueError
        return word

    return parse


REPOSITORIES: Final = ValueKind(
    "list of repositories as owner/name",
    lambda value: tuple(map(check_repository, text_list(value))),
    listed(),
)


class OriginChoice(NamedTuple):
    """Where a value comes from: the kind of source and what that kind needs.

    Written `{dotenv: .env}`, or `{command: [vault, kv, get, …]}`; a kind alone (`prompt`) needs nothing.
    """

    kind: str
    arguments: tuple[str, ...] = ()


class SinkChoice(NamedTuple):
    """Where a value goes: the kind of sink and, for some, its name. Written `environment:production`."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


class DeclaredValue(NamedTuple):
    """One secret or variable that an environment needs. `key` is its name in the source.

    `visibility` is for organisations, where an entry is new: what is there keeps its own. `settled` tells
    whether anybody said where it goes: `sinks: []` says nowhere, and that is a decision.
    """

    name: str
    variable: bool
    key: str
    origin: OriginChoice | None
    sinks: tuple[SinkChoice, ...]
    repositories: tuple[str, ...]
    visibility: str = "private"
    settled: bool = True


class DeclaredEnvironment(NamedTuple):
    """An environment and what it needs, in the order of the file."""

    name: str
    values: tuple[DeclaredValue, ...]


def parse_origin(value: object) -> OriginChoice:
    """A source as it is declared. Raises ValueError."""
    if isinstance(value, str):
        return OriginChoice(_kind(value))
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError
    (kind, argument), *_ = value.items()
    arguments = as_text(argument)
    words = tuple(arguments) if isinstance(arguments, list) else (arguments,)
    if not words or any("\0" in word or len(word) > _LONGEST for word in words):
        raise ValueError
    return OriginChoice(_kind(kind), words if words != ("",) else ())


def parse_sink(text: str) -> SinkChoice:
    """A sink as it is declared. Raises ValueError."""
    kind, colon, name = text.strip().partition(":")
    if "\0" in name or len(name) > _LONGEST or (colon and not name):
        raise ValueError
    return SinkChoice(_kind(kind), name)


def check_secret_name(name: str) -> str:
    """`name`, if GitHub takes it for a secret or a variable. Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError
    return name


def _kind(text: object) -> str:
    if not isinstance(text, str) or not _KIND.fullmatch(text):
        raise ValueError
    return text


class _Inherited(NamedTuple):
    """What an environment says for all its values."""

    source: OriginChoice | None = None
    sinks: tuple[SinkChoice, ...] | None = None
    repositories: tuple[str, ...] = ()
    visibility: str = "private"


def parse_environments(
    file: str, section: object, repositories: tuple[str, ...]
) -> tuple[DeclaredEnvironment, ...]:
    """The environments of the section, as YAML gave it; `file` begins messages. Raises ConfigError.

    `repositories` are those of values that name none themselves.
    """
    return tuple(
        DeclaredEnvironment(name, tuple(_values(place, body, repositories)))
        for name, body, place in _named(file, "sync.environments", section, _ENVIRONMENT)
    )


def _named(
    file: str, where: str, section: object, form: re.Pattern[str]
) -> Iterator[tuple[str, dict[object, object], str]]:
    """The entries of a mapping from names to mappings: name, mapping, and its place for messages."""
    section = section or {}
    if not isinstance(section, dict):
        raise ConfigError(f"{file}: `{where}` must be a mapping of names", advice=SEE)
    for name, body in section.items():
        if not isinstance(name, str) or not form.fullmatch(name):
            raise ConfigError(f"{file}: `{where}`: {shown(name)} is no name that is allowed here", advice=SEE)
        if body and not isinstance(body, dict):
            raise ConfigError(f"{file}: `{where}.{name}` must be a mapping", advice=SEE)
        yield name, body or {}, f"{file}: `{where}.{name}"


def _values(place: str, body: dict[object, object], repositories: tuple[str, ...]) -> Iterator[DeclaredValue]:
    known = (*_INHERITED, "secrets", "variables")
    for key in body:
        if key not in known:
            raise ConfigError(f"{place}`: unknown key `{shown(key)}`", advice=advice_for(key, known))
    general = _inherited(place, body, _Inherited(repositories=repositories))
    seen = set[str]()
    for key, variable in (("secrets", False), ("variables", True)):
        for name, own in _entries(f"{place}.{key}`", body.get(key)):
            if name.upper() in seen:
                raise ConfigError(
                    f"{place}.{key}`: {name} is declared twice", advice="Names do not differ by case."
                )
            seen.add(name.upper())
            yield _value(f"{place}.{key}.{name}", name, own, general, variable=variable)


def _entries(place: str, section: object) -> Iterator[tuple[str, dict[object, object]]]:
    """Names alone in a list, or names with settings in a mapping."""
    try:
        items = (
            [(name, {}) for name in text_list(as_text(section))]
            if isinstance(section, list | str)
            else list((section or {}).items())  # type: ignore[attr-defined]  # anything else has no items: told below
        )
        for name, own in items:
            yield check_secret_name(as_text(name)), _mapping(own)  # type: ignore[arg-type]  # a list is no name
    except (ValueError, TypeError, AttributeError):
        raise ConfigError(
            f"{place}: must be names (letters, digits, `_`; not GITHUB_…), or a mapping of them", advice=SEE
        ) from None


def _mapping(value: object) -> dict[object, object]:
    if value in _NOTHING:
        return {}
    if value and not isinstance(value, dict):
        raise ValueError
    return value or {}  # type: ignore[return-value]  # a mapping, as was just seen


def _value(
    place: str, name: str, own: dict[object, object], general: _Inherited, *, variable: bool
) -> DeclaredValue:
    known = (*_INHERITED, "key")
    for key in own:
        if key not in known:
            raise ConfigError(f"{place}`: unknown key `{shown(key)}`", advice=advice_for(key, known))
    inherited = _inherited(place, own, general)
    try:
        key = one_text(as_text(own.get("key", name)))
    except ValueError:
        raise ConfigError(f"{place}.key`: must be: a name in the source", advice=SEE) from None
    return DeclaredValue(
        name=name,
        variable=variable,
        key=key,
        origin=inherited.source,
        sinks=inherited.sinks or (),
        repositories=inherited.repositories,
        visibility=inherited.visibility,
        settled=inherited.sinks is not None,
    )


def _inherited(place: str, body: dict[object, object], general: _Inherited) -> _Inherited:
    parsers: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "source": ("a source, such as {dotenv: .env}", parse_origin),
        "sinks": (
            "a list of sinks, such as [environment]",
            lambda value: tuple(map(parse_sink, text_list(as_text(value)))),
        ),
        "repositories": (REPOSITORIES.text, lambda value: REPOSITORIES.parse(as_text(value))),
        "visibility": (", ".join(VISIBILITIES), lambda value: one_of(VISIBILITIES)(as_text(value))),
    }
    given: dict[str, Any] = {}
    for key, (text, parse) in parsers.items():
        if key in body:
            try:
                given[key] = parse(body[key])
            except ValueError:
                raise ConfigError(f"{place}.{key}`: must be: {text}", advice=SEE) from None
    return general._replace(**given)
