"""What the role of a path does to what stands there: how bad it is, and whether it is shown by default.

Nothing here changes what is found: `Sieve.show` brings back what a role holds back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.role import is_pipeline, role_of_path
from secopskit.findings import PathRole, Severity
from secopskit.scan.names import without_kind
from secopskit.scan.standing import RuleStanding, is_told_by_name_alone, standing
from secopskit.settings.shown import Shown

if TYPE_CHECKING:
    from secopskit.rules.model import Rule
    from secopskit.scan.occurrence import Occurrence


# How JSON Web Tokens begin, signed or encrypted.
_WEB_TOKEN: Final = (b"eyJ", b"Bearer eyJ")


def role_of(occurrence: Occurrence) -> PathRole:
    """The role of the place; a secret in the name of a file has that of the file."""
    return role_of_path(without_kind(occurrence.path))


def severity_there(occurrence: Occurrence, rule: Rule) -> Severity:
    """How bad it is at that place: in a test low at most, in documents and examples one step less.

    What is there to be read, or made up for a run of a pipeline, is information.
    """
    role = role_of(occurrence)
    if role is PathRole.TEST:
        return min(occurrence.severity, Severity.LOW)
    if _is_there_to_be_read(occurrence, role, rule):
        return Severity.INFO
    if role is PathRole.SOURCE:
        return occurrence.severity
    return Severity(max(occurrence.severity - 1, Severity.INFO))


def _is_there_to_be_read(occurrence: Occurrence, role: PathRole, rule: Rule) -> bool:
    """Whether the value shows how something is written: its name alone tells of it, or a person made it up.

    What has the form or the name that one issuer gives may be real wherever it stands.
    """
    if role is PathRole.SOURCE and not is_pipeline(occurrence.path):
        return False
    if occurrence.secret is None:  # a keystore, of which nothing tells whether it is in use
        return role is not PathRole.SOURCE
    by_name = is_told_by_name_alone(rule)
    if standing(rule) is RuleStanding.VENDOR and not by_name:
        return False
    if by_name and role in (PathRole.DOCUMENT, PathRole.VENDORED):
        return True
    return _is_shown(occurrence.secret.reveal(), role)


def _is_shown(value: bytes, role: PathRole) -> bool:
    """Whether a value of that look is one to be read, or to be used for a run, at a place of that role."""
    from secopskit.detect.value.generic_filters import is_drawn, is_made_up, is_uuid
    from secopskit.detect.value.passwords import is_weak_password

    if is_weak_password(value):
        return True
    if role is PathRole.SOURCE:  # a pipeline may deploy with a password that a person made up
        return not (is_drawn(value) or is_made_up(value))
    if role is PathRole.DOCUMENT and (is_uuid(value) or value.startswith(_WEB_TOKEN)):
        return True
    return not is_drawn(value)


def holds_back_tests(show: Shown) -> bool:
    """Whether what stands in tests, and is of no live format, is left out of the report."""
    return show is Shown.DEFAULT


def heeded_severity(occurrence: Occurrence, rule: Rule, show: Shown) -> Severity:
    """The severity that the minimum is compared with: with `Shown.ALL`, no role puts a finding below it."""
    return occurrence.severity if show is Shown.ALL else severity_there(occurrence, rule)
