"""What to write into `.secops.yaml` so that a credential can be rotated, synced and found again."""

from __future__ import annotations

import os
import re
from typing import Final

from secopskit.errors import ConfigError
from secopskit.formats.dotenv import settings
from secopskit.incident.model import IncidentRow
from secopskit.rotate.model import PlannedRotation
from secopskit.secret import SecretValue
from secopskit.state.smallfiles import read_small

_LARGEST: Final = 1024 * 1024
_DOTENV: Final = re.compile(r"(?:.*/)?\.env\.([A-Za-z0-9][A-Za-z0-9_-]{0,62})", re.ASCII)

# What a detector notes of the setting that a value stands behind.
_KEY: Final = re.compile(r"\b(?:key|URL of) ([A-Za-z_][A-Za-z0-9_]{0,254})\)", re.ASCII)


def snippet(
    planned: PlannedRotation, row: IncidentRow | None, value: SecretValue | None = None, root: str = ""
) -> tuple[str, ...]:
    """The lines to declare for a credential that nobody has declared, as far as they can be known.

    What keeps it is the variable that has the `value` in the dotenv file below `root`, where one has.
    """
    path = row.secret.paths[0] if row and row.secret.paths else ""
    found = _DOTENV.fullmatch(path)
    environment = planned.environment or (found[1] if found else "production")
    source = path if found else f".env.{environment}"
    key = _KEY.search(row.secret.title) if row else None
    name = key[1] if key else (found and value and _variable(root, path, value)) or planned.name
    lines = [
        "sync:",
        "  environments:",
        f"    {environment}:",
        f"      source: {{dotenv: {source}}}",
        f"      secrets: [{name}]",
    ]
    if planned.provider != "manual":
        lines += [
            "rotate:",
            "  environments:",
            f"    {environment}:",
            f"      {name}: {{provider: {planned.provider}}}",
        ]
    return tuple(lines)


def _variable(root: str, path: str, value: SecretValue) -> str:
    """The variable of a dotenv file that has this value; empty where none has, or where it cannot be read."""
    try:
        data = read_small(os.path.join(root, path), limit=_LARGEST, within=root)
    except (ConfigError, OSError):
        return ""
    return next((one.key for one in settings(data) if SecretValue(one.value) == value), "")
