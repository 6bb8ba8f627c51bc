"""What is told of credentials that everybody knows: how bad it is, in which words, and what to do."""

from __future__ import annotations

from typing import Final

from secopskit.audit.mismatch.services.exposure.open_port import is_open
from secopskit.audit.mismatch.services.look.credentials import is_shared_secret
from secopskit.audit.mismatch.services.look.servers import RunningService
from secopskit.audit.mismatch.services.look.shipped import ShippedBy, ShippedValue
from secopskit.audit.mismatch.services.look.telling import shows
from secopskit.audit.model import Mismatch, MismatchEvidence
from secopskit.collect.facts import FactPlace
from secopskit.findings import Severity
from secopskit.named_tuple import NamedTuple

_MOST_PLACES: Final = 4


class GivenCredential(NamedTuple):
    """A service and a credential that it is given as shipped; `guessed` tells that strangers guess it."""

    each: RunningService
    shipped: ShippedValue
    guessed: bool


def has_open_port(each: RunningService) -> bool:
    """Whether others than the host itself reach a port of a service."""
    return any(is_open(port) for port in each.service.ports)


def key_mismatch(found: list[GivenCredential], rule: str) -> Mismatch:
    """The line about a signing key, or a secret between services, that all of `found` are given."""
    found = sorted(found, key=lambda given: given.each.server is not None)  # a database has no use for it
    each, first, _ = found[0]
    does = (
        "passes for a part of the stack" if is_shared_secret(first.key) else "signs what the service believes"
    )
    how = _if_not_replaced(first) or "works as shipped, with a value that all can read here"
    severity = Severity.MEDIUM if _is_for_people(first) or _is_placeholder(first) else Severity.HIGH
    return Mismatch(
        rule_id=rule,
        subject=first.name,
        message=f"{first.name} of {each.service.name} {how}: whoever knows it {does}.",
        fix=_fix(found[0]),
        evidence=_evidence(found),
        stack=each.stack.name,
        severity=Severity.MEDIUM if each.development else severity,
        development=each.development,
    )


def password_mismatch(found: list[GivenCredential], rule: str) -> Mismatch:
    """The line about a password that all of `found` are given."""
    nearest = min(found, key=_distance)
    each, shipped, _ = nearest
    open_ = has_open_port(each)
    label = f" ({each.server.label})" if each.server else ""
    return Mismatch(
        rule_id=rule,
        subject=shipped.name,
        message=f"{shipped.name} of {each.service.name}{label} {_how(nearest)}"
        + (", and its port is open to the world." if open_ else "."),
        fix=_fix(nearest),
        evidence=_evidence([nearest, *found]),
        stack=each.stack.name,
        severity=Severity.LOW if each.development else _severity(nearest, open_=open_),
        development=each.development,
    )


def _severity(given: GivenCredential, *, open_: bool) -> Severity:
    """Worst is what a stranger guesses at an open port; a placeholder is seen by who sets the stack up."""
    if _is_for_people(given.shipped):
        return Severity.MEDIUM if open_ else Severity.LOW
    if not open_:
        return Severity.MEDIUM
    is_read = given.shipped.by in (ShippedBy.LITERAL, ShippedBy.MOUNTED) and not given.guessed
    return Severity.HIGH if is_read else Severity.CRITICAL


def _how(given: GivenCredential) -> str:
    """In which way a password works."""
    shipped = given.shipped
    if _is_for_people(shipped) and (if_not := _if_not_replaced(shipped)):
        return if_not
    if given.guessed:
        return "works as shipped and anybody would guess it"
    if shipped.by is ShippedBy.DEFAULT:
        return "works as shipped with a default that all can read here"
    return "works as shipped, and whoever reads the repository knows it"


def _if_not_replaced(shipped: ShippedValue) -> str:
    """How a value works that whoever sets the stack up is meant to replace; empty for any other."""
    if shipped.by is ShippedBy.TEMPLATE:
        return "works if nobody replaces the template's value, which everybody knows"
    is_slot = shipped.by is ShippedBy.LITERAL or (shipped.by is ShippedBy.FILE and shipped.value.is_weak)
    if is_slot and shipped.value.is_placeholder:
        return "works if nobody replaces its placeholder, which everybody knows"
    return ""


def _is_placeholder(shipped: ShippedValue) -> bool:
    """Whether a value stands there to be replaced; a default is what counts where nobody says anything."""
    return shipped.by not in (ShippedBy.DEFAULT, ShippedBy.MOUNTED) and shipped.value.is_placeholder


def _distance(given: GivenCredential) -> tuple[bool, bool, bool, bool]:
    """How far a service is from being the one that asks for a password: servers and namesakes first."""
    each, shipped, _ = given
    word = shipped.key.partition("_")[0].lower()
    namesake = word in each.service.name.lower() or (each.image is not None and word in each.image.base)
    admin = each.server is not None and each.server.admin
    return not namesake, each.server is None, admin, not has_open_port(each)


def _is_for_people(shipped: ShippedValue) -> bool:
    """Whether it is meant to be replaced by whoever copies or opens the file.

    What is in use in many a place (`changeme` as the password of a database) is no placeholder any more.
    """
    if shipped.by is ShippedBy.TEMPLATE:
        return True
    return _is_placeholder(shipped) and not shipped.value.is_weak


def _evidence(found: list[GivenCredential]) -> tuple[MismatchEvidence, ...]:
    places = dict[FactPlace, str]()
    for _, shipped, _ in found:
        for place in shipped.places:
            places.setdefault(place, f"{shipped.name}: {shipped.by.value}")
    return tuple(shows(place, text) for place, text in list(places.items())[:_MOST_PLACES])


def _fix(given: GivenCredential) -> str:
    shipped = given.shipped
    if shipped.by is ShippedBy.TEMPLATE:
        return f"Leave {shipped.name} empty in the template, and require it: `${{{shipped.name}:?}}`."
    if shipped.by is ShippedBy.FILE:
        return (
            f"Take the file out of git, and give {shipped.name} a random value of its own in "
            f"each environment."
        )
    if shipped.by is ShippedBy.MOUNTED:
        return (
            f"Take {shipped.places[0].path} out of git, give {shipped.key} a new random value, and have each "
            "environment make the file of its own. The old value stays in the history."
        )
    is_secret = shipped.by is ShippedBy.LITERAL and not given.guessed
    known = " It stays in the history: `secops scan` tells where else it stands." if is_secret else ""
    return (
        f"Write `${{{shipped.name}:?}}` instead, name it in the template, and put a random value into the "
        f"environment file that is not committed.{known}"
    )
