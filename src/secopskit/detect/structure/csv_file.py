"""Tables of text (CSV, TSV) with a column of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.value.filters import sensitive_key
from secopskit.findings import Severity
from secopskit.formats import csv_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "csv-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a table."""
    place = place_for(blob.path, RULE, Trust.SETTINGS)._replace(weak=Severity.LOW)
    yield from judge(csv_file.settings(blob.data, sensitive_key), place)
