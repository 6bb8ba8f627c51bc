"""What the role of a path does to what stands there: how bad it is, and whether it is shown by default.

Nothing here changes what is found: `Sieve.show` brings back what a role holds back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.role import is_pipeline, role_of_path
from secopskit.findings import PathRole, Severity
from secopskit.scan.content.standing import RuleStanding, is_told_by_name_alone, standing
from secopskit.scan.names import without_kind
from secopskit.settings.shown import Shown

if TYPE_CHECKING:
    from secopskit.rules.model import Rule
    from secopskit.scan.content.occurrence import Occurrence


def role_of(occurrence: Occurrence) -> PathRole:
    """The role of the place; a secret in the name of a file has that of the file.

    What source code says of itself is documentation.
    """
    role = role_of_path(without_kind(occurrence.path))
    return PathRole.DOCUMENT if occurrence.is_shown and role is PathRole.SOURCE else role


def severity_there(occurrence: Occurrence, rule: Rule) -> Severity:
    """How bad it is at that place: in a test low at most, in documents and examples one step less.

    What is there to be read, or made up for a run of a pipeline, is information.
    """
    role = role_of(occurrence)
    if role is PathRole.TEST:
        return min(occurrence.severity, Severity.LOW)
    if to_be_read(occurrence, rule):
        return Severity.INFO
    if role is PathRole.SOURCE:
        return occurrence.severity
    return Severity(max(occurrence.severity - 1, Severity.INFO))


def to_be_read(occurrence: Occurrence, rule: Rule) -> str:
    """What tells that the value only shows how something is written, in words; "" where nothing does.

    What has the form or the name that one issuer gives may be real wherever it stands.
    """
    role = role_of(occurrence)
    if role is PathRole.TEST or (role is PathRole.SOURCE and not is_pipeline(occurrence.path)):
        return ""
    if occurrence.secret is None:  # a keystore, of which nothing tells whether it is in use
        return "" if role is PathRole.SOURCE else f"{_KINDS[role]}: a file that shows how one looks"
    if role in (PathRole.DOCUMENT, PathRole.EXAMPLE) and _counts_up(occurrence.secret.reveal()):
        return f"{_KINDS[role]}: its letters and digits count up"
    by_name = is_told_by_name_alone(rule)
    if standing(rule) is RuleStanding.VENDOR and not by_name:
        return ""
    if by_name and role in (PathRole.DOCUMENT, PathRole.VENDORED):
        return f"{_KINDS[role]}: only the words before it tell of a secret"
    says = _look(occurrence.secret.reveal(), role)
    return f"{_KINDS[role]}: {says}" if says else ""


_KINDS: Final = {
    PathRole.SOURCE: "information in a pipeline",
    PathRole.DOCUMENT: "information in a document",
    PathRole.EXAMPLE: "information in an example",
    PathRole.VENDORED: "information in a copied package",
}
_MADE_UP: Final = "no machine drew it"
# How JSON Web Tokens begin, signed or encrypted.
_WEB_TOKEN: Final = (b"eyJ", b"Bearer eyJ")


def _counts_up(value: bytes) -> bool:
    from secopskit.detect.chance.randomness import counts_up

    return counts_up(value)


def _look(value: bytes, role: PathRole) -> str:
    """What tells that a value of that look is one to be read, or for a run, at a place of that role."""
    from secopskit.detect.value.generic_filters import is_drawn, is_uuid
    from secopskit.detect.value.made_up import is_made_up
    from secopskit.detect.value.passwords import is_weak_password

    if is_weak_password(value):
        return "a password anyone guesses"
    if role is PathRole.SOURCE:  # a pipeline may deploy with a password that a person made up
        return "" if is_drawn(value) or is_made_up(value) else "words, as services of a run have them"
    if role is PathRole.DOCUMENT and is_uuid(value):
        return "a UUID, as documents show them"
    if role is PathRole.DOCUMENT and value.startswith(_WEB_TOKEN):
        return "a JSON Web Token, as documents show them"
    # What people run they write down in documents; what only looks made up is rare there.
    used = is_drawn(value) or (role is PathRole.DOCUMENT and is_made_up(value))
    return "" if used else _MADE_UP


def holds_back_tests(show: Shown) -> bool:
    """Whether what stands in tests, and is of no live format, is left out of the report."""
    return show is Shown.DEFAULT


def heeded_severity(occurrence: Occurrence, rule: Rule, show: Shown) -> Severity:
    """The severity that the minimum is compared with: with `Shown.ALL`, no role puts a finding below it."""
    return occurrence.severity if show is Shown.ALL else severity_there(occurrence, rule)
