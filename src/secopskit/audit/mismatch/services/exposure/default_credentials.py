"""Credentials that everybody knows and that work as shipped: passwords, signing keys, and none at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.exposure.open_port import is_open
from secopskit.audit.mismatch.services.look.credentials import (
    is_known_to_all,
    is_password,
    is_signing_key,
    unguarded,
)
from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.shipped import ShippedBy, ShippedValue, ShippedValues
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, SettingKind
from secopskit.findings import Severity

_ID: Final = "default-credentials"
_MOST_PLACES: Final = 4
_EXPLANATION: Final = """
Who starts the stack as it is shipped has a password or a signing key that everybody can read in the
repository or guess. Behind an open port that is an open door; with a known signing key anybody writes
himself a session or a token of an administrator, whatever the passwords are.

Wrong:

```yaml
services:
  web:
    environment:
      JWT_SECRET: ${JWT_SECRET:-secret}
```

Right: no default, so that the stack does not start without:

```yaml
      JWT_SECRET: ${JWT_SECRET:?set it in .env (openssl rand -hex 32)}
```

No fault: a stack that only its developer reaches. It is told last.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    yield from once((*_of_services(project), *_of_odoo(project)))


def _of_services(project: ProjectFacts) -> Iterator[Mismatch]:
    values = ShippedValues.of(project)
    keys = dict[tuple[str, str], tuple[RunningService, list[ShippedValue]]]()
    for each in running(project):
        if what := unguarded(each.service, each.server, open_=_is_open(each)):
            yield _unguarded(each, *what)
        for shipped in values.of_service(each):
            if is_signing_key(shipped.key) and _works_as_key(shipped):
                _, found = keys.setdefault((each.stack.name, shipped.name), (each, []))
                found.append(shipped)
            elif is_password(shipped.key, of_server=each.server is not None) and is_known_to_all(
                shipped.value
            ):
                yield _password(each, shipped)
    for each, found in keys.values():
        yield _key(each, found)


def _works_as_key(shipped: ShippedValue) -> bool:
    """A key that is written into the stack is known to all; of a template, one that nobody will notice."""
    if shipped.value.shown:
        return False
    return shipped.by in (ShippedBy.LITERAL, ShippedBy.DEFAULT) or is_known_to_all(shipped.value)


def _is_open(each: RunningService) -> bool:
    return any(is_open(port) for port in each.service.ports)


def _key(each: RunningService, found: list[ShippedValue]) -> Mismatch:
    first = found[0]
    places = dict.fromkeys(place for shipped in found for place in shipped.places)
    severity = Severity.MEDIUM if first.by is ShippedBy.TEMPLATE else Severity.HIGH
    return Mismatch(
        rule_id=_ID,
        subject=first.name,
        message=f"{first.name} of {each.service.name} works as shipped, with a value that all can "
        f"read here: whoever "
        "knows it signs what the service believes.",
        fix=_fix(first),
        evidence=tuple(shows(place, _said(first)) for place in list(places)[:_MOST_PLACES]),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else severity,
        development=each.development,
    )


def _password(each: RunningService, shipped: ShippedValue) -> Mismatch:
    open_ = _is_open(each)
    label = each.server.label if each.server else each.service.name
    severity = Severity.CRITICAL if open_ else Severity.MEDIUM
    if shipped.by is ShippedBy.TEMPLATE:
        severity = Severity.HIGH if open_ else Severity.LOW
    return Mismatch(
        rule_id=_ID,
        subject=f"{each.service.name}: {shipped.name}",
        message=f"{shipped.name} of {each.service.name} ({label}) works as shipped and anybody would guess it"
        + (", and its port is open to the world." if open_ else "."),
        fix=_fix(shipped),
        evidence=tuple(shows(place, _said(shipped)) for place in dict.fromkeys(shipped.places)),
        stack=each.stack.name,
        severity=Severity.LOW if each.development else severity,
        development=each.development,
    )


def _unguarded(each: RunningService, why: str, fix: str) -> Mismatch:
    open_ = _is_open(each)
    place = next(
        (each_.place for each_ in each.service.environment if each_.name and each_.name in why), each.place
    )
    label = each.server.label if each.server else each.service.name
    severity = Severity.CRITICAL if open_ else Severity.MEDIUM
    return Mismatch(
        rule_id=_ID,
        subject=f"{each.service.name}: no password",
        message=f"{label} of service {each.service.name} asks nobody for a password ({why})"
        + (", and its port is open to the world." if open_ else "."),
        fix=fix,
        evidence=(shows(place, why),),
        stack=each.stack.name,
        severity=Severity.LOW if each.development else severity,
        development=each.development,
    )


def _of_odoo(project: ProjectFacts) -> Iterator[Mismatch]:
    """The master password of Odoo: with it anybody copies or drops its databases."""
    odoo = {endpoint.place.path for endpoint in project.endpoints if endpoint.odoo}
    for setting in project.settings:
        if setting.kind is not SettingKind.INI or setting.name.lower() != "admin_passwd" or setting.commented:
            continue
        if setting.value is None or not (setting.place.path in odoo or setting.scope == "options"):
            continue
        if setting.value.is_literal and is_known_to_all(setting.value):
            yield Mismatch(
                rule_id=_ID,
                subject="admin_passwd",
                message="Odoo's master password is one that anybody would guess: with it the "
                "database manager copies, "
                "drops and restores databases.",
                fix="Write a long random value for admin_passwd, and list_db = False.",
                evidence=(shows(setting.place, "admin_passwd as shipped"),),
                severity=Severity.HIGH,
            )


def _said(shipped: ShippedValue) -> str:
    return f"{shipped.name}: {shipped.by.value}"


def _fix(shipped: ShippedValue) -> str:
    if shipped.by is ShippedBy.TEMPLATE:
        return f"Leave {shipped.name} empty in the template, and require it: ${{{shipped.name}:?}}."
    if shipped.by is ShippedBy.FILE:
        return (
            f"Take the file out of git, and give {shipped.name} a random value of its own in "
            f"each environment."
        )
    return (
        f"Write ${{{shipped.name}:?}} instead, and a random value into the environment file "
        f"that is not committed."
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A password or key that everybody knows works as shipped",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://cwe.mitre.org/data/definitions/1392.html",
)
