"""The rules of an audit, a module each with a `RULE`, and a line in `MODULES`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from secopskit.audit.model import MismatchRule

MODULES: Final[tuple[str, ...]] = (
    "services.exposure.default_credentials",
    "services.exposure.docker_socket",
    "services.exposure.host_network",
    "services.exposure.open_port",
    "services.exposure.plain_connection",
    "services.exposure.privileged",
    "services.wiring.odoo_migration",
    "services.wiring.two_databases",
    "services.wiring.undefined_service",
    "services.wiring.template_host",
    "services.wiring.wrong_port",
    "services.wiring.silent_port",
    "services.upkeep.health_check",
    "services.upkeep.volume",
    "services.upkeep.unpinned_image",
)


@cache
def rules() -> Mapping[str, MismatchRule]:
    """All rules by id, in the order of their modules."""
    found = (import_module(f"secopskit.audit.mismatch.{name}").RULE for name in MODULES)
    return {rule.id: rule for rule in found}
