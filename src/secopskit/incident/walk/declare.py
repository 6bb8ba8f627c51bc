"""What to write into `.secops.yaml` so that a credential can be rotated, synced and found again."""

from __future__ import annotations

import json
import os
import re
from typing import Final

from secopskit.errors import ConfigError
from secopskit.formats.dotenv import settings
from secopskit.incident.model import IncidentRow
from secopskit.provider.recognise import MANUAL, provider_of
from secopskit.rotate.model import PlannedRotation
from secopskit.secret import SecretValue
from secopskit.state.smallfiles import read_small

_TAKEN: Final = re.compile(r"^GITHUB_", re.IGNORECASE)
_SIGN: Final = re.compile(r"[^A-Za-z0-9_]")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/][A-Za-z0-9._/-]*", re.ASCII)
_LONGEST_NAME: Final = 255
_LARGEST: Final = 1024 * 1024
_DOTENV: Final = re.compile(r"(?:.*/)?\.env\.([A-Za-z0-9][A-Za-z0-9_-]{0,62})", re.ASCII)

# What a detector notes of the setting that a value stands behind.
_KEY: Final = re.compile(r"\b(?:key|URL of) ([A-Za-z_][A-Za-z0-9_]{0,254})\)", re.ASCII)


def snippet(
    planned: PlannedRotation, row: IncidentRow | None, value: SecretValue | None = None, root: str = ""
) -> tuple[str, ...]:
    """The lines to declare for a credential that nobody has declared, as far as they can be known.

    What keeps it is the variable that has the `value` in the dotenv file below `root`, where one has. What
    only the user knows stands there in capitals, or as an example.
    """
    path = row.secret.paths[0] if row and row.secret.paths else ""
    found = _DOTENV.fullmatch(path)
    environment = planned.environment or (found[1] if found else "production")
    key = _KEY.search(row.secret.title) if row else None
    kept = key[1] if key else (found and value and _variable(root, path, value)) or planned.name
    name = declarable(kept)
    lines = [
        "sync:",
        "  environments:",
        f"    {environment}:",
        f"      source: {_source(planned, path, path if found else f'.env.{environment}')}",
        f"      secrets: [{name}]" if name == kept else f"      secrets: {{{name}: {{key: {_text(kept)}}}}}",
    ]
    if planned.provider != MANUAL:
        settings = "".join(f", {word}: {_text(text)}" for word, text in _settings(planned, path).items())
        lines += [
            "rotate:",
            "  environments:",
            f"    {environment}:",
            f"      {name}: {{provider: {planned.provider}{settings}}}",
        ]
    return tuple(lines)


def declarable(name: str) -> str:
    """`name` as a secret may be called: letters, digits and `_`, and not GITHUB_…, which GitHub keeps."""
    plain = _TAKEN.sub("GH_", _SIGN.sub("_", name))[:_LONGEST_NAME]
    return plain if plain[:1].isalpha() or plain.startswith("_") else f"SECRET_{plain}"[:_LONGEST_NAME]


def _source(planned: PlannedRotation, path: str, dotenv: str) -> str:
    """Where it is kept: Odoo's own configuration file, or a dotenv file."""
    if planned.provider == "odoo" and path:
        return f"{{ini: [{_text(path)}, options, admin_passwd]}}"
    return f"{{dotenv: {_text(dotenv)}}}"


def _settings(planned: PlannedRotation, path: str) -> dict[str, str]:
    """What a provider has to be told beyond its name."""
    match planned.provider:
        case "odoo":
            return {"what": "master-password", "config": path or "odoo.conf"}
        case "postgres":
            bare = provider_of(planned.rule_id) == "postgres"  # such a rule finds a password, others a URL
            place = {"user": "ROLE", "url": "postgresql://HOST/DATABASE"} if bare else {}
            return {"mode": "one-role", **place}
        case "supabase" if planned.rule_id == "supabase-secret-key":  # the one that names no project
            return {"project": "yourprojectreference"}
        case _:
            return {}


def _text(text: str) -> str:
    """A text as YAML takes it, quoted where it has to be."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _variable(root: str, path: str, value: SecretValue) -> str:
    """The variable of a dotenv file that has this value; empty where none has, or where it cannot be read."""
    try:
        data = read_small(os.path.join(root, path), limit=_LARGEST, within=root)
    except (ConfigError, OSError):
        return ""
    return next((one.key for one in settings(data) if SecretValue(one.value) == value), "")
