"""The place where a detector finds settings: how far a value there can be trusted to be in use."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from secopskit.detect.role import is_template, is_test
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from secopskit.findings import Severity


class Trust(Enum):
    """How sure it is that a value under a sensitive name is used as it stands."""

    DEPLOYED = 4
    """It feeds a program: an environment, a login file. Weak and human values count."""
    SETTINGS = 3
    """Some settings file: human passwords count, tokens must look drawn by a machine."""
    CODE = 2
    """A script or source file, where names are used for other things too."""
    TEMPLATE = 1
    """A file to be copied and filled in: only what is clearly real."""


class SettingPlace(NamedTuple):
    """Where settings stand: the rule for their real values, and how far to trust them.

    `weak` and `human` are the severities of a weak password, and of one that a person made up, where they
    differ from that of the rule.
    """

    rule: str
    trust: Trust
    weak: Severity | None = None
    human: Severity | None = None


def place_for(path: str, rule: str, trust: Trust) -> SettingPlace:
    """`rule` at `trust`, or less where the file is a template or belongs to tests."""
    if is_template(path):
        trust = Trust.TEMPLATE
    elif trust is Trust.SETTINGS and is_test(path):
        trust = Trust.CODE
    return SettingPlace(rule=rule, trust=trust)
