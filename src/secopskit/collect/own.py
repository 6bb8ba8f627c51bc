"""Reports and baselines of secops itself: what they name, they name because others do.

Without this, a report that is committed would document every variable that it calls undocumented.
"""

from __future__ import annotations

import re
from typing import Final

from secopskit.findings import Blob

REPORT_MARK: Final = "secops-report"
"""Stands in the head of reports that a collector could read: of Markdown, in a comment."""
BASELINE_KIND: Final = "secops-audit-baseline"
_ENDINGS: Final = (".md", ".html", ".json", ".sarif")
_HEAD: Final = 2048
_OWN: Final = re.compile(
    rb"<!-- secops-report\b|\"kind\": \"secops-audit-baseline\""
    rb"|\"tool\": ?\{\s{0,40}(?:\"driver\": ?\{\s{0,40})?\"name\": ?\"secops[\" ]"
)


def is_own_report(blob: Blob) -> bool:
    """Whether a file is one that secops wrote about the project.

    Of another kind than our reports are, a file is none, whatever it says of itself.
    """
    return blob.path.endswith(_ENDINGS) and _OWN.search(blob.data, 0, _HEAD) is not None
