"""Mentions of a credential's name that nothing runs by: documentation, templates, reports, other values.

They are told from places that read it (code, Compose files, workflows) by what kind of file they stand in; a
place that has the value itself is never one.
"""

from __future__ import annotations

import re
from typing import Final

from secopskit.findings import Blob
from secopskit.rotate.model import Reader, ReaderKind, ReaderLink

_DOCUMENT: Final = re.compile(
    r"(?:^|/)(?:[^/]+\.(?:md|markdown|mdx|rst|adoc|txt)|README|CHANGELOG|NOTICE)$", re.IGNORECASE
)
_TEMPLATE: Final = re.compile(r"\.(?:example|sample|dist)$", re.IGNORECASE)
_REPORT: Final = re.compile(r"(?:^|/)[^/]+\.sarif(?:\.json)?$", re.IGNORECASE)
# The head of what secops itself writes, and of SARIF.
_HEADS: Final = (
    re.compile(rb'\s*\{\s*"schema_version"\s*:\s*"[^"]*",\s*"tool"\s*:'),
    re.compile(rb'\s*\{\s*(?:"version"\s*:\s*"2\.1\.0",\s*)?"\$schema"\s*:\s*"[^"]*sarif'),
)


def is_report(blob: Blob) -> bool:
    """Whether a file is the report of a scan, a plan or the like."""
    return bool(_REPORT.search(blob.path)) or any(head.match(blob.data) for head in _HEADS)


def is_mention(reader: Reader, name: str) -> bool:
    """Whether `reader` does no more than mention the credential `name`.

    In a dotenv file a line that assigns that name has another value, or none: it is a template, or belongs
    to another environment. A line that makes another value of it reads it.
    """
    if reader.link is not ReaderLink.NAMES:
        return False
    if reader.kind is ReaderKind.DOTENV:
        return reader.key in ("", name)
    return reader.kind is ReaderKind.REPORT or bool(
        _DOCUMENT.search(reader.path) or _TEMPLATE.search(reader.path)
    )
