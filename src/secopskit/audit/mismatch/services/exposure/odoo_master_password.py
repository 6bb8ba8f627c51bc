"""The master password of Odoo: with it anybody copies or drops its databases.

https://www.odoo.com/documentation/18.0/administration/on_premise/deploy.html#security. Odoo puts a hash in
its place once somebody changes it in the database manager.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.credentials import is_known_to_all, is_taken_out
from secopskit.audit.mismatch.services.look.telling import shows
from secopskit.audit.model import Mismatch
from secopskit.collect.facts import FileRole, ProjectFacts, SettingKind, VariableSetting
from secopskit.collect.value import ConfigValue
from secopskit.findings import Severity

_NAME: Final = "admin_passwd"
_HASH: Final = "pbkdf2-sha512"
_ROLES: Final = frozenset({FileRole.PRODUCT, FileRole.EXAMPLE})


def of_odoo(project: ProjectFacts, rule: str) -> Iterator[Mismatch]:
    """Master passwords in configuration files that anybody guesses, or reads in the repository."""
    odoo = {endpoint.place.path for endpoint in project.endpoints if endpoint.odoo}
    for setting in project.settings:
        if setting.kind is not SettingKind.INI or setting.name.lower() != _NAME or setting.commented:
            continue
        if setting.value is None or not (setting.place.path in odoo or setting.scope == "options"):
            continue
        if not setting.value.is_literal or setting.value.is_pointer or is_taken_out(setting.value):
            continue
        if is_known_to_all(setting.value):
            yield _mismatch(setting, rule, "anybody would guess")
        elif _is_published(setting, setting.value, project):
            yield _mismatch(setting, rule, "whoever reads the repository knows")


def _is_published(setting: VariableSetting, value: ConfigValue, project: ProjectFacts) -> bool:
    return setting.place.path in project.tracked and setting.role in _ROLES and not value.mentions(_HASH)


def _mismatch(setting: VariableSetting, rule: str, who: str) -> Mismatch:
    return Mismatch(
        rule_id=rule,
        subject=_NAME,
        message=f"Odoo's master password is one that {who}: with it the database manager copies, drops and "
        "restores databases.",
        fix="Write a long random value for admin_passwd, into a file that is not committed, and "
        "list_db = False.",
        evidence=(shows(setting.place, "admin_passwd as shipped"),),
        severity=Severity.HIGH,
    )
