"""What to write into `.secops.yaml` so that a credential can be rotated, synced and found again."""

from __future__ import annotations

import re
from typing import Final

from secopskit.incident.model import IncidentRow
from secopskit.rotate.model import PlannedRotation

_DOTENV: Final = re.compile(r"(?:.*/)?\.env\.([A-Za-z0-9][A-Za-z0-9_-]{0,62})", re.ASCII)

# What a detector notes of the setting that a value stands behind.
_KEY: Final = re.compile(r"\b(?:key|URL of) ([A-Za-z_][A-Za-z0-9_]{0,254})\)", re.ASCII)


def snippet(planned: PlannedRotation, row: IncidentRow | None) -> tuple[str, ...]:
    """The lines to declare for a credential that nobody has declared, as far as they can be known."""
    path = row.secret.paths[0] if row and row.secret.paths else ""
    found = _DOTENV.fullmatch(path)
    environment = planned.environment or (found[1] if found else "production")
    source = path if found else f".env.{environment}"
    key = _KEY.search(row.secret.title) if row else None
    name = key[1] if key else planned.name
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
