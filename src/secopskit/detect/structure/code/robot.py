"""Robot Framework: logins of those that it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.code import robot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "settings-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a suite of tests or in a file of words for it."""
    yield from judge(robot.settings(blob.data), place_for(blob.path, RULE, Trust.SETTINGS))
