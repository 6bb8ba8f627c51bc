"""What the role of a path does to what stands there: how bad it is, and whether it is shown by default.

Nothing here changes what is found: `Sieve.show` brings back what a role holds back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.detect.role import role_of_path
from secopskit.findings import PathRole, Severity
from secopskit.scan.names import without_kind
from secopskit.scan.standing import is_told_by_name_alone
from secopskit.settings.shown import Shown

if TYPE_CHECKING:
    from secopskit.scan.occurrence import Occurrence


def role_of(occurrence: Occurrence) -> PathRole:
    """The role of the place; a secret in the name of a file has that of the file."""
    return role_of_path(without_kind(occurrence.path))


def severity_there(occurrence: Occurrence) -> Severity:
    """How bad it is at that place: in a test low at most, in documents and examples one step less.

    What a document holds under a name alone, of no known format, is there to be read: information.
    """
    match role_of(occurrence):
        case PathRole.SOURCE:
            return occurrence.severity
        case PathRole.TEST:
            return min(occurrence.severity, Severity.LOW)
        case PathRole.DOCUMENT if is_told_by_name_alone(occurrence.rule_id):
            return Severity.INFO
        case _:
            return Severity(max(occurrence.severity - 1, Severity.INFO))


def holds_back_tests(show: Shown) -> bool:
    """Whether what stands in tests, and is of no live format, is left out of the report."""
    return show is Shown.DEFAULT


def heeded_severity(occurrence: Occurrence, show: Shown) -> Severity:
    """The severity that the minimum is compared with: with `Shown.ALL`, no role puts a finding below it."""
    return occurrence.severity if show is Shown.ALL else severity_there(occurrence)
