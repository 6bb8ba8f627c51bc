"""Credentials that everybody knows and that work as shipped: passwords, signing keys, and none at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Final

from secopskit.audit.mismatch.services.exposure.credential_lines import (
    GivenCredential,
    has_open_port,
    key_mismatch,
    password_mismatch,
)
from secopskit.audit.mismatch.services.exposure.odoo_master_password import of_odoo
from secopskit.audit.mismatch.services.look.credentials import (
    is_known_to_all,
    is_password,
    is_shared_secret,
    is_signing_key,
    is_taken_out,
    unguarded,
)
from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.shipped import ShippedBy, ShippedValue, ShippedValues
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts
from secopskit.findings import Severity

_ID: Final = "default-credentials"
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

A password that is written into a committed file and that nobody would guess is told, too: who reads the
repository knows it. `secops scan` lists all such values, those of other files and of the history among
them.

No fault: a stack that only its developer reaches. It is told last. A template's placeholder
(`changeme`) is less urgent: whoever sets the stack up is meant to replace it.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    yield from once((*_of_services(project), *of_odoo(project, _ID)))


def _of_services(project: ProjectFacts) -> Iterator[Mismatch]:
    values = ShippedValues.of(project)
    keys = defaultdict[tuple[object, ...], list[GivenCredential]](list)
    passwords = defaultdict[tuple[object, ...], list[GivenCredential]](list)
    for each in running(project):
        open_ = has_open_port(each)
        shipped = tuple(
            one for one in values.of_service(each) if not (one.value.is_pointer or is_taken_out(one.value))
        )
        what = unguarded(each.service, each.server, open_=open_)
        if what:
            yield _unguarded(each, *what, open_=open_)
        users = {one.value for one in shipped if "USER" in one.key.upper()}
        for one in shipped:
            guessed = is_known_to_all(one.value) or one.value in users
            given = GivenCredential(each, one, guessed)
            if (is_signing_key(one.key) or is_shared_secret(one.key)) and _works_as_key(one):
                keys[_together(given)].append(given)
            elif (
                not what
                and is_password(one.key, of_server=each.server is not None)
                and (guessed or _is_read_here(one, project.tracked))
            ):
                passwords[(*_together(given), open_)].append(given)
    yield from (key_mismatch(each, _ID) for each in keys.values())
    yield from (password_mismatch(each, _ID) for each in passwords.values())


def _together(given: GivenCredential) -> tuple[object, ...]:
    """What those have in common that are told on one line."""
    return given.each.stack.directory, given.each.development, given.shipped.name


def _works_as_key(shipped: ShippedValue) -> bool:
    """A key that is written into the stack is known to all; of a template, one that nobody will notice."""
    if shipped.value.shown or shipped.value.is_path:
        return False
    written = (ShippedBy.LITERAL, ShippedBy.DEFAULT, ShippedBy.MOUNTED)
    return shipped.by in written or is_known_to_all(shipped.value)


def _is_read_here(shipped: ShippedValue, tracked: Collection[str]) -> bool:
    """Whether all read it here: a default, or what a committed file has for everybody."""
    if shipped.by is ShippedBy.LITERAL:
        if shipped.value.shown or shipped.value.is_path:
            return False
        return all(place.path in tracked for place in shipped.places)
    return shipped.by in (ShippedBy.DEFAULT, ShippedBy.MOUNTED)


def _unguarded(each: RunningService, why: str, fix: str, *, open_: bool) -> Mismatch:
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


RULE: Final = MismatchRule(
    id=_ID,
    title="A password or key that everybody knows works as shipped",
    severity=Severity.HIGH,
    judge=judge,
    explanation=_EXPLANATION,
    reference="https://cwe.mitre.org/data/definitions/1392.html",
    stage=FixStage.REPLACE,
)
