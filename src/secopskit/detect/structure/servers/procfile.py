"""Procfiles: variables before the commands of processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.servers import procfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "shell-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches among the variables that processes are started with."""
    yield from judge(procfile.variables(blob.data), place_for(blob.path, RULE, Trust.DEPLOYED))
