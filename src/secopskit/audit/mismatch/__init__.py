"""The rules of an audit, a module each with a `RULE`, and a line in `MODULES`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from secopskit.audit.model import MismatchRule

MODULES: Final[tuple[str, ...]] = (
    "variables.documentation.undocumented",
    "variables.documentation.undefined",
    "variables.documentation.unused",
    "variables.documentation.template_value",
    "variables.passing.nowhere",
    "variables.passing.unpassed",
    "variables.passing.build_argument",
    "variables.passing.stage_argument",
    "variables.passing.env_file",
    "variables.passing.github",
    "variables.agreement.defaults",
    "variables.agreement.environments",
    "variables.agreement.hard_coded",
    "variables.agreement.repeated_password",
    "variables.exposure.bundled",
    "variables.exposure.shared_secret",
    "variables.exposure.tracked",
    "variables.exposure.ignored",
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
