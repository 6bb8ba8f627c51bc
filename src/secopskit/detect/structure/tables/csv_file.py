"""Tables of text (CSV, TSV, Markdown) with a column of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.value.filters import sensitive_key
from secopskit.findings import Severity
from secopskit.formats.tables import csv_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "csv-secret"
_DOCUMENTS: Final = (".md", ".markdown", ".mdx")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a table, or in those of a document."""
    if blob.path.lower().endswith(_DOCUMENTS):
        place = place_for(blob.path, RULE, Trust.CODE)
        yield from judge(csv_file.tables(blob.data, _is_heading), place)
        return
    place = place_for(blob.path, RULE, Trust.SETTINGS)._replace(weak=Severity.LOW)
    yield from judge(csv_file.settings(blob.data, sensitive_key), place)
    # A table with a name in each row may hold settings, or the texts of a program.
    yield from judge(csv_file.named_in_rows(blob.data), place_for(blob.path, RULE, Trust.CODE))


def _is_heading(name: str) -> bool:
    """Whether a column of that heading holds secrets: documents have headings that are sentences."""
    return name.isascii() and name.count(" ") <= 2 and sensitive_key(name) is not None
