"""Options: what a setting is, the kinds of value, and how a section's settings are read and checked.

Each section has a table of them. Parsing, the variables and the tables in docs/configuration.md come
from it. Values are parsed from text whatever their source, so a file may quote them or not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from secopskit.errors import ConfigError
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple
from secopskit.settings.shapes import SCALAR, Shape, flags, listed, matching, words
from secopskit.state.smallfiles import MAX_PATTERN, MAX_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from enum import Enum

    from secopskit.findings import Severity

FILE_NAME: Final = ".secops.yaml"
# As `findings.Severity` has them, which most commands never load.
SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
SEE: Final = "See docs/configuration.md."
Text: TypeAlias = str | list[str]
_Choice = TypeVar("_Choice", bound="Enum")


# --- the kinds of value -----------------------------------------------------------------------

_WORDS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_COUNT: Final = LazyRegex(r"\d{1,4}", re.ASCII)
_RULE_ID: Final = LazyRegex(r"[a-z0-9]+(?:-[a-z0-9]+){0,16}")


class ValueKind(NamedTuple):
    """A kind of value: what messages and docs call it, and its parser (ValueError, KeyError: it is none).

    `shape` is how it looks in the file, for `secopskit.settings.schema`.
    """

    text: str
    parse: Callable[[Text], Any]
    shape: Shape = SCALAR


def as_text(value: object) -> Text:
    """`value` if it is a text or a list of texts. Raises ValueError."""
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return value
    raise ValueError


def one_text(value: Text) -> str:
    """The text without spaces around it. Raises ValueError for a list."""
    if isinstance(value, list):
        raise ValueError  # noqa: TRY004 - "not of this kind", as every parser says it
    return value.strip()


def text_list(value: Text) -> list[str]:
    """The items of a list, or of a text that has one a line or separated by commas. Raises ValueError."""
    items = value if isinstance(value, list) else value.split("\n" if "\n" in value else ",")
    items = [item.strip() for item in items]
    if len(items) > MAX_PATTERNS or any(len(item) > MAX_PATTERN or "\0" in item for item in items):
        raise ValueError
    return [item for item in items if item]


def boolean(value: Text) -> bool:
    """Yes or no. Raises KeyError."""
    return _WORDS[one_text(value).lower()]


def _file(value: Text) -> str:
    name = one_text(value)
    if not name or "\0" in name or len(name) > MAX_PATTERN:
        raise ValueError
    return name


def _rule_ids(value: Text) -> tuple[str, ...]:
    items = text_list(value)
    if not all(map(_RULE_ID.fullmatch, items)):
        raise ValueError
    return tuple(items)


def _severity(value: Text) -> Severity:
    from secopskit.findings import Severity

    return Severity[one_text(value).upper()]


def number(most: int) -> Callable[[Text], int]:
    """A parser of numbers from 0 to `most`."""

    def parse(value: Text) -> int:
        if not _COUNT.fullmatch(one_text(value)) or int(one_text(value)) > most:
            raise ValueError
        return int(one_text(value))

    return parse


def choice(kind: type[_Choice]) -> Callable[[Text], _Choice]:
    """A parser of the values of an enumeration."""
    return lambda value: kind(one_text(value).lower())


PATHS: Final = ValueKind("list of path patterns", lambda value: tuple(text_list(value)), listed())
FILES: Final = ValueKind("list of files", lambda value: tuple(text_list(value)), listed())
FILE: Final = ValueKind("file name", _file)
FLAG: Final = ValueKind("true or false", boolean, flags())
RULE_IDS: Final = ValueKind(
    "list of rule ids", _rule_ids, listed(matching(r"[a-z0-9]+(-[a-z0-9]+)*", empty=True, bare=True))
)
SEVERITY: Final = ValueKind("info, low, medium, high or critical", _severity, words(SEVERITIES))


# --- a setting --------------------------------------------------------------------------------


def variable_prefix(section: str) -> str:
    """What the variables of a section begin with."""
    return f"SECOPS_{section.upper()}_"


class Option(NamedTuple):
    """One setting of a section. `default` is written as a user would write it."""

    name: str
    kind: ValueKind
    default: str
    help: str
    section: str

    @property
    def variable(self) -> str:
        """The environment variable that overrides the file."""
        return f"{variable_prefix(self.section)}{self.name.upper()}"


def render_reference(options: Iterable[Option]) -> str:
    """The table of the settings of a section, as docs/configuration.md shows it."""
    lines = ["| Setting | Value | Default | Variable | What it does |", "|---|---|---|---|---|"]
    for option in options:
        default = f"`{option.default}`" if option.default else "none"
        cells = (f"`{option.name}`", option.kind.text, default, f"`{option.variable}`", option.help)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


# --- reading a section ------------------------------------------------------------------------


def defaults(options: Iterable[Option]) -> dict[str, Any]:
    """The value of each option where nobody says otherwise."""
    return {option.name: _parsed(option, option.default, "built-in") for option in options}


def parse_section(
    section: Mapping[object, object], options: Iterable[Option], *, source: str
) -> dict[str, Any]:
    """The values that `section` gives; `source` begins the name of a setting in messages."""
    known = {option.name: option for option in options}
    values: dict[str, Any] = {}
    for key, value in section.items():
        if not isinstance(key, str) or key not in known:
            place, _, prefix = source.rpartition("`")
            raise ConfigError(f"{place}unknown key `{prefix}{shown(key)}`", advice=advice_for(key, known))
        values[key] = _parsed(known[key], value, f"{source}{key}`")
    return values


def parse_variables(options: Sequence[Option], environ: Mapping[str, str]) -> dict[str, Any]:
    """The values that variables of the options' section give. Raises ConfigError for an unknown one."""
    prefix = variable_prefix(options[0].section)
    known = {option.variable: option for option in options}
    given = {name: value for name, value in environ.items() if name.startswith(prefix)}
    for name in given:
        if name not in known:
            raise ConfigError(f"{name}: there is no such setting", advice=advice_for(name, known))
    return {known[name].name: _parsed(known[name], value, name) for name, value in given.items()}


def _parsed(option: Option, value: object, source: str) -> Any:
    try:
        return option.kind.parse(as_text(value))
    except (ValueError, KeyError):
        raise ConfigError(f"{source}: must be: {option.kind.text}", advice=SEE) from None


def shown(key: object) -> str:
    """A key as a message may repeat it: short, and nothing in it speaks to the terminal."""
    return str(key)[:60].encode("unicode_escape").decode("ascii")


def advice_for(name: object, known: Iterable[str]) -> str:
    """What may have been meant by a `name` that is none of the known ones."""
    from difflib import get_close_matches  # only on the way out

    near = get_close_matches(str(name), list(known), n=1)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
