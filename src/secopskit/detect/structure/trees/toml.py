"""TOML settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.mentions import is_mention
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.trees import toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "toml-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a TOML file."""
    yield from judge(toml.settings(blob.data), place_for(blob.path, RULE, Trust.SETTINGS), unless=is_mention)
