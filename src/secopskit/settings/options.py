"""Every setting, once: its name, the kind of value, its default and what it does.

Parsing, the environment variable and the table in docs/configuration.md come from `OPTIONS`.
Values are parsed from text whatever their source, so a file may quote them or not.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

from secopskit.findings import Severity
from secopskit.state.smallfiles import MAX_PATTERN, MAX_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Callable

Text: TypeAlias = str | list[str]
_Choice = TypeVar("_Choice", bound=Enum)


def variable_prefix(section: str) -> str:
    """What the variables of a section begin with."""
    return f"SECOPS_{section.upper()}_"


class Switch(Enum):
    """Off, on, or decided by what the repository holds."""

    OFF = "false"
    ON = "true"
    AUTO = "auto"


class Engine(Enum):
    """What looks for rule hits: Hyperscan, Python's `re`, or the best one present."""

    AUTO = "auto"
    HYPERSCAN = "hyperscan"
    RE = "re"


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
_SIZE: Final = re.compile(r"(\d{1,12})\s?([kmg]?)(i?)b?", re.IGNORECASE | re.ASCII)
_RULE_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,16}")
_COUNT: Final = re.compile(r"\d{1,4}", re.ASCII)


class ValueKind(NamedTuple):
    """A kind of value: what messages and docs call it, and its parser (ValueError, KeyError: it is none)."""

    text: str
    parse: Callable[[Text], Any]


def as_text(value: object) -> Text:
    """`value` if it is a text or a list of texts. Raises ValueError."""
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return value
    raise ValueError


def _one(value: Text) -> str:
    if isinstance(value, list):
        raise ValueError  # noqa: TRY004 - "not of this kind", as every parser says it
    return value.strip()


def _list(value: Text) -> list[str]:
    items = value if isinstance(value, list) else re.split(r"\n" if "\n" in value else ",", value)
    items = [item.strip() for item in items]
    if len(items) > MAX_PATTERNS or any(len(item) > MAX_PATTERN or "\0" in item for item in items):
        raise ValueError
    return [item for item in items if item]


def _rule_ids(value: Text) -> tuple[str, ...]:
    items = _list(value)
    if not all(map(_RULE_ID.fullmatch, items)):
        raise ValueError
    return tuple(items)


def _boolean(value: Text) -> bool:
    return _WORDS[_one(value).lower()]


def _switch(value: Text) -> Switch:
    return Switch.AUTO if _one(value).lower() == "auto" else (Switch.ON if _boolean(value) else Switch.OFF)


def _severity(value: Text) -> Severity:
    return Severity[_one(value).upper()]


def _size(value: Text) -> int:
    found = _SIZE.fullmatch(_one(value))
    if not found or (found[3] and not found[2]) or not int(found[1]):
        raise ValueError
    size: int = int(found[1]) * (1024 if found[3] else 1000) ** " kmg".index(found[2].lower() or " ")
    return size


def _file(value: Text) -> str:
    name = _one(value)
    if not name or "\0" in name or len(name) > MAX_PATTERN:
        raise ValueError
    return name


def _number(most: int) -> Callable[[Text], int]:
    def parse(value: Text) -> int:
        if not _COUNT.fullmatch(_one(value)) or int(_one(value)) > most:
            raise ValueError
        return int(_one(value))

    return parse


def _choice(kind: type[_Choice]) -> Callable[[Text], _Choice]:
    return lambda value: kind(_one(value).lower())


PATHS: Final = ValueKind("list of path patterns", lambda value: tuple(_list(value)))
RULES: Final = ValueKind("list of rule ids", _rule_ids)
FILES: Final = ValueKind("list of files", lambda value: tuple(_list(value)))
FILE: Final = ValueKind("file name", _file)
SEVERITY: Final = ValueKind("info, low, medium, high or critical", _severity)
SIZE: Final = ValueKind("size (bytes, or 500KB, 10MB, 16MiB)", _size)
SWITCH: Final = ValueKind("true, false or auto", _switch)
FLAG: Final = ValueKind("true or false", _boolean)
ENGINE: Final = ValueKind("auto, hyperscan or re", _choice(Engine))


# --- the table --------------------------------------------------------------------------------


class Option(NamedTuple):
    """One setting of a section. `default` is written as a user would write it."""

    name: str
    kind: ValueKind
    default: str
    help: str
    section: str = "scan"

    @property
    def variable(self) -> str:
        """The environment variable that overrides the file."""
        return f"{variable_prefix(self.section)}{self.name.upper()}"


OPTIONS: Final = (
    Option("exclude_paths", PATHS, "", "Paths to leave out, written as in `.gitignore`."),
    Option("disable_rules", RULES, "", "Rules to leave out (`secops rules list` names them)."),
    Option("extra_rules", FILES, "", "More rule files, relative to this file and inside the repository."),
    Option("min_severity", SEVERITY, "low", "Findings below it are counted, not reported."),
    Option("max_file_size", SIZE, "16MiB", "Larger content is skipped, and said to be."),
    Option(
        "baseline",
        FILE,
        ".secops.baseline.json",
        "The baseline, relative to this file and inside the repository.",
    ),
    Option(
        "detect_secrets",
        SWITCH,
        "auto",
        "Run detect-secrets' plugins too; auto: those that a `.secrets.baseline` names.",
    ),
    Option("entropy", FLAG, "false", "Report strings that merely look random. Noisy."),
    Option(
        "decode_depth",
        ValueKind("0 to 3", _number(3)),
        "2",
        "How many layers of base64, hexadecimal or URL encoding to open.",
    ),
    Option("engine", ENGINE, "auto", "What looks for rule hits; the findings are the same."),
    Option(
        "jobs", ValueKind("0 to 512", _number(512)), "0", "Processes for a history scan; 0: one per core."
    ),
    Option("cache", FLAG, "true", "Remember scanned objects in the git directory."),
)


def render_reference(options: tuple[Option, ...] = OPTIONS) -> str:
    """The table of the settings of a section, as docs/configuration.md shows it."""
    lines = ["| Setting | Value | Default | Variable | What it does |", "|---|---|---|---|---|"]
    for option in options:
        default = f"`{option.default}`" if option.default else "none"
        cells = (f"`{option.name}`", option.kind.text, default, f"`{option.variable}`", option.help)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
