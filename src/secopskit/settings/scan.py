"""The section `scan`: how to scan. Defaults, then `.secops.yaml`, then `SECOPS_SCAN_*` variables."""

from __future__ import annotations

import os
import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from secopskit.errors import ConfigError
from secopskit.findings import Severity
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple
from secopskit.settings.environment import Environment, read_environment
from secopskit.settings.options import (
    FILE,
    FILE_NAME,
    FILES,
    FLAG,
    PATHS,
    RULE_IDS,
    SEVERITY,
    Option,
    Text,
    ValueKind,
    boolean,
    choice,
    defaults,
    number,
    one_text,
    parse_section,
    parse_variables,
)
from secopskit.settings.shapes import counts, flags, quantities, words
from secopskit.settings.shown import Shown
from secopskit.state.smallfiles import StrPath, is_inside

if TYPE_CHECKING:
    from collections.abc import Mapping


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


# --- the table --------------------------------------------------------------------------------

_SIZE: Final = LazyRegex(r"(\d{1,12})\s?([kmg]?)(i?)b?", re.IGNORECASE | re.ASCII)


def _switch(value: Text) -> Switch:
    return Switch.AUTO if one_text(value).lower() == "auto" else (Switch.ON if boolean(value) else Switch.OFF)


def _size(value: Text) -> int:
    found = _SIZE.fullmatch(one_text(value))
    if not found or (found[3] and not found[2]) or not int(found[1]):
        raise ValueError
    size: int = int(found[1]) * (1024 if found[3] else 1000) ** " kmg".index(found[2].lower() or " ")
    return size


_SIZES: Final = ValueKind(
    "size (bytes, or 500KB, 10MB, 16MiB)",
    _size,
    quantities(r"(?=0*[1-9])\d{1,12}\s?([kKmMgG][iI]?)?[bB]?", least=1),
)
_SWITCH: Final = ValueKind("true, false or auto", _switch, flags("auto"))
_ENGINE: Final = ValueKind("auto, hyperscan or re", choice(Engine), words(each.value for each in Engine))

_SHOWN: Final = ValueKind("default, tests or all", choice(Shown), words(each.value for each in Shown))


def _option(name: str, kind: ValueKind, default: str, text: str) -> Option:
    return Option(name, kind, default, text, "scan")


OPTIONS: Final = (
    _option("exclude_paths", PATHS, "", "Paths to leave out, written as in `.gitignore`."),
    _option("disable_rules", RULE_IDS, "", "Rules to leave out (`secops rules list` names them)."),
    _option(
        "extra_rules",
        FILES,
        "",
        "More rule files, ours or a gitleaks TOML, relative to this file and inside the repository.",
    ),
    _option(
        "gitleaks_rules",
        FLAG,
        "true",
        "Use the rules of a `.gitleaks.toml` or `.betterleaks.toml` in the root.",
    ),
    _option("min_severity", SEVERITY, "low", "Findings below it are counted, not reported."),
    _option(
        "show",
        _SHOWN,
        "default",
        "Of tests and documents: `tests` shows what stands in tests, `all` everything.",
    ),
    _option(
        "max_file_size",
        _SIZES,
        "16MiB",
        "Larger texts are searched in parts. Beyond 2 MiB (JSON: 16), none is parsed as its format.",
    ),
    _option(
        "baseline",
        FILE,
        ".secops.baseline.json",
        "The baseline, relative to this file and inside the repository.",
    ),
    _option(
        "detect_secrets",
        _SWITCH,
        "auto",
        "Run detect-secrets' plugins too; auto: those that a `.secrets.baseline` names.",
    ),
    _option("entropy", FLAG, "false", "Report strings that merely look random. Noisy."),
    _option(
        "decode_depth",
        ValueKind("0 to 3", number(3), counts(3)),
        "2",
        "How many layers of base64, hexadecimal or URL encoding to open.",
    ),
    _option("engine", _ENGINE, "auto", "What looks for rule hits; the findings are the same."),
    _option(
        "jobs",
        ValueKind("0 to 512", number(512), counts(512)),
        "0",
        "Processes for a history or a large tree; 0: one per core.",
    ),
    _option("cache", FLAG, "true", "Remember scanned objects in the git directory."),
    _option("archives", FLAG, "true", "Open archives and look into their members, within bounds."),
    _option("strict", FLAG, "false", "A scan or a hook fails where not everything was scanned."),
)


# --- reading ----------------------------------------------------------------------------------


class ScanConfig(NamedTuple):
    """How to scan; one field per row of `OPTIONS`. Paths are absolute and checked."""

    exclude_paths: tuple[str, ...]
    disable_rules: tuple[str, ...]
    extra_rules: tuple[str, ...]
    gitleaks_rules: bool
    min_severity: Severity
    show: Shown
    max_file_size: int
    baseline: str
    detect_secrets: Switch
    entropy: bool
    decode_depth: int
    engine: Engine
    jobs: int
    cache: bool
    archives: bool
    strict: bool


class Config(NamedTuple):
    """All settings of one run. `file` is the one that was read, if any."""

    scan: ScanConfig
    environment: Environment
    file: str | None = None


def load(root: StrPath, *, file: StrPath | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The settings for scanning `root`: defaults, then the file, then the environment.

    `file` is the one that the user named; else `.secops.yaml` in `root` is read if it exists.
    Raises ConfigError, naming file (or variable), key and what was expected.
    """
    root = os.fspath(root)
    name, sections = _sections(root, file)
    values = defaults(OPTIONS)
    if name:
        given = parse_section(sections.get("scan", {}), OPTIONS, source=f"{name}: `scan.")
        values |= _resolved(given, base=os.path.dirname(name), root=root, source=name)
    values |= _resolved(parse_variables(OPTIONS, environ), base=root, root=root, source="the environment")
    values["baseline"] = os.path.join(root, values["baseline"])
    return Config(scan=ScanConfig(**values), environment=read_environment(environ), file=name)


def _sections(root: str, file: StrPath | None) -> tuple[str | None, dict[str, dict[object, object]]]:
    if not file and not os.path.lexists(os.path.join(root, FILE_NAME)):
        return None, {}
    from secopskit.settings.file import read_sections  # only who has a file pays for it

    return read_sections(root, file)


def _resolved(values: dict[str, Any], *, base: str, root: str, source: str) -> dict[str, Any]:
    """`values` with file names made absolute. None may lead out of the repository.

    A configuration that the user keeps elsewhere may also name files beside itself.
    """
    places = [root] if is_inside(base, root) else [root, base]
    for key in ("extra_rules", "baseline"):
        if key not in values:
            continue
        names = values[key] if key == "extra_rules" else (values[key],)
        paths = tuple(os.path.join(base, name) for name in names)
        if not all(any(is_inside(path, place) for place in places) for path in paths):
            raise ConfigError(
                f"{source}: `scan.{key}` leads out of the repository", advice="Keep the file inside it."
            )
        values[key] = paths if key == "extra_rules" else paths[0]
    return values
