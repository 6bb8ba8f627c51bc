"""The facts as JSON: docs/FLEET.md. ASCII only."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from secopskit import __version__
from secopskit.fleet.tell.facts import FleetFacts

SCHEMA_VERSION: Final = "1"


def render(facts: FleetFacts) -> str:
    """The whole document."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "secops", "version": __version__},
        "kind": "fleet",
    }
    return json.dumps(head | asdict(facts), indent=2, allow_nan=False) + "\n"
