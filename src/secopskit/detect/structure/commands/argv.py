"""Commands given word by word, in code and in settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.structure.commands.shell import RULE
from secopskit.formats.commands import argv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match


def detect(blob: Blob) -> Iterator[Match]:
    """The matches among the words of commands."""
    yield from judge(argv.settings(blob.data), place_for(blob.path, RULE, Trust.CODE))
