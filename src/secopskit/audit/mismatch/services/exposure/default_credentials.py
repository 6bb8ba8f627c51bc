"""Credentials that everybody knows and that work as shipped: passwords, signing keys, and none at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

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
from secopskit.audit.model import FixStage, Mismatch, MismatchEvidence, MismatchRule
from secopskit.collect.facts import FactPlace, ProjectFacts, SettingKind
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


class _Given(NamedTuple):
    """A service and what it is given as shipped."""

    each: RunningService
    shipped: ShippedValue


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    yield from once((*_of_services(project), *_of_odoo(project)))


def _of_services(project: ProjectFacts) -> Iterator[Mismatch]:
    values = ShippedValues.of(project)
    keys = defaultdict[tuple[object, ...], list[_Given]](list)
    passwords = defaultdict[tuple[object, ...], list[_Given]](list)
    for each in running(project):
        if what := unguarded(each.service, each.server, open_=_is_open(each)):
            yield _unguarded(each, *what)
        shipped = tuple(values.of_service(each))
        users = {one.value for one in shipped if "USER" in one.key.upper()}
        for one in shipped:
            if is_signing_key(one.key) and _works_as_key(one):
                keys[_together(each, one)].append(_Given(each, one))
            elif is_password(one.key, of_server=each.server is not None) and (
                one.by is ShippedBy.DEFAULT or is_known_to_all(one.value) or one.value in users
            ):
                passwords[(*_together(each, one), _is_open(each))].append(_Given(each, one))
    yield from map(_key, keys.values())
    yield from map(_password, passwords.values())


def _together(each: RunningService, shipped: ShippedValue) -> tuple[object, ...]:
    """What those have in common that are told on one line."""
    return each.stack.directory, each.development, shipped.name


def _works_as_key(shipped: ShippedValue) -> bool:
    """A key that is written into the stack is known to all; of a template, one that nobody will notice."""
    if shipped.value.shown or shipped.value.is_path:
        return False
    return shipped.by in (ShippedBy.LITERAL, ShippedBy.DEFAULT) or is_known_to_all(shipped.value)


def _is_open(each: RunningService) -> bool:
    return any(is_open(port) for port in each.service.ports)


def _key(found: list[_Given]) -> Mismatch:
    found = sorted(found, key=lambda given: given.each.server is not None)  # a database has no use for it
    each, first = found[0]
    severity = Severity.MEDIUM if _is_for_people(first) else Severity.HIGH
    return Mismatch(
        rule_id=_ID,
        subject=first.name,
        message=f"{first.name} of {each.service.name} works as shipped, with a value that all can read here: "
        "whoever knows it signs what the service believes.",
        fix=_fix(first),
        evidence=_evidence(found),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else severity,
        development=each.development,
    )


def _password(found: list[_Given]) -> Mismatch:
    each, shipped = min(found, key=_distance)
    open_ = _is_open(each)
    label = f" ({each.server.label})" if each.server else ""
    severity = Severity.CRITICAL if open_ else Severity.MEDIUM
    if _is_for_people(shipped):
        severity = Severity.HIGH if open_ else Severity.LOW
    return Mismatch(
        rule_id=_ID,
        subject=shipped.name,
        message=f"{shipped.name} of {each.service.name}{label} works as shipped{_why(shipped)}"
        + (", and its port is open to the world." if open_ else "."),
        fix=_fix(shipped),
        evidence=_evidence([_Given(each, shipped), *found]),
        stack=each.stack.name,
        severity=Severity.LOW if each.development else severity,
        development=each.development,
    )


def _why(shipped: ShippedValue) -> str:
    if shipped.by is ShippedBy.DEFAULT and not is_known_to_all(shipped.value):
        return " with a default that all can read here"
    return " and anybody would guess it"


def _distance(given: _Given) -> tuple[bool, bool, bool, bool]:
    """How far a service is from being the one that asks for a password: servers and namesakes first."""
    each, shipped = given
    word = shipped.key.partition("_")[0].lower()
    namesake = word in each.service.name.lower() or (each.image is not None and word in each.image.base)
    admin = each.server is not None and each.server.admin
    return not namesake, each.server is None, admin, not _is_open(each)


def _is_for_people(shipped: ShippedValue) -> bool:
    """Whether it is meant to be replaced by whoever copies or opens the file."""
    return shipped.by is ShippedBy.TEMPLATE or (shipped.by is ShippedBy.FILE and not shipped.value.is_weak)


def _evidence(found: list[_Given]) -> tuple[MismatchEvidence, ...]:
    places = dict[FactPlace, str]()
    for _, shipped in found:
        for place in shipped.places:
            places.setdefault(place, _said(shipped))
    return tuple(shows(place, text) for place, text in list(places.items())[:_MOST_PLACES])


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
    stage=FixStage.REPLACE,
)
