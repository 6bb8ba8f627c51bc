"""Dockerfiles: ENV and ARG, and the options of commands they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.commands import options
from secopskit.formats.stacks import dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "dockerfile-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a Dockerfile."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    yield from judge(dockerfile.settings(blob.data), place)
    yield from judge(options.in_text(blob.data, 0), place)
