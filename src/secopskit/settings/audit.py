"""The section `audit`: what `secops audit` looks at, and what it reports."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.findings import Severity
from secopskit.named_tuple import NamedTuple
from secopskit.settings.file import read_sections
from secopskit.settings.options import (
    FILE,
    PATHS,
    RULE_IDS,
    SEVERITY,
    Option,
    Text,
    ValueKind,
    defaults,
    one_text,
    parse_section,
    parse_variables,
)
from secopskit.settings.shapes import TEXT
from secopskit.state.smallfiles import StrPath, is_inside

_LONGEST: Final = 80


def _name(value: Text) -> str:
    name = one_text(value)
    if len(name) > _LONGEST or not name.isprintable():
        raise ValueError
    return name


def _option(name: str, kind: ValueKind, default: str, text: str) -> Option:
    return Option(name, kind, default, text, "audit")


OPTIONS: Final = (
    _option(
        "name",
        ValueKind("short text", _name, TEXT),
        "",
        "What reports call the project. Without it, they name its directory, which differs between clones.",
    ),
    _option("exclude", PATHS, "", "Files that are not read, written as in `.gitignore`."),
    _option(
        "disable",
        RULE_IDS,
        "",
        "Rules whose mismatches are counted, not reported (`--list-rules` names them).",
    ),
    _option("min_severity", SEVERITY, "low", "Mismatches below it are counted, not reported."),
    _option(
        "baseline", FILE, ".secops.audit.json", "The baseline, relative to this file and inside the project."
    ),
)


class AuditConfig(NamedTuple):
    """How to audit; one field per row of `OPTIONS`. `baseline` is absolute; `file` was read, if any."""

    name: str
    exclude: tuple[str, ...]
    disable: tuple[str, ...]
    min_severity: Severity
    baseline: str
    file: str | None = None


def load_audit(
    root: StrPath, *, file: StrPath | None = None, environ: Mapping[str, str] = os.environ
) -> AuditConfig:
    """What `.secops.yaml` in `root` (or `file`) and the variables say. Raises ConfigError."""
    root = os.fspath(root)
    name, sections = read_sections(root, file)
    values: dict[str, Any] = defaults(OPTIONS)
    if name:
        values |= parse_section(sections.get("audit", {}), OPTIONS, source=f"{name}: `audit.")
    values |= parse_variables(OPTIONS, environ)
    values["baseline"] = os.path.join(root, values["baseline"])
    if not is_inside(values["baseline"], root):
        raise ConfigError(
            f"{name or 'the environment'}: `audit.baseline` leads out of the project",
            advice="Keep the file inside it.",
        )
    return AuditConfig(**values, file=name)
