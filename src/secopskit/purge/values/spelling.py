"""The spelling of a found value in its file: an escape or an entity makes it differ from what it means.

A detector that understands a format (YAML, XML, dotenv, hexadecimal runs) reports the value that a
program would read. The bytes that stand for it in the file are what a purge has to replace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from secopskit.findings import Finding, Location
from secopskit.formats.archives.member_paths import SEPARATOR
from secopskit.formats.archives.opening import opened
from secopskit.formats.archives.parts import ArchiveMember
from secopskit.formats.archives.recognised import archive_kind
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.secret import SecretValue

_SHORTEST: Final = 8
_MAX_BLOBS: Final = 2000
_MAX_SIZE: Final = 16 * 1024 * 1024
# Those are found in every alignment, and replaced so that what stands around them still decodes.
_COVERED: Final = ("decoded from base64", "decoded from percent-encoding")


def spelt_forms(repository: Repository, findings: Iterable[Finding]) -> Mapping[str, tuple[SecretValue, ...]]:
    """By finding id, the ways in which its value is spelt other than as it is. Raises GitError."""
    wanted = [
        (finding, location)
        for finding in findings
        if finding.secret and not any(way in finding.note for way in _COVERED)
        for location in finding.locations
        if location.oid and not location.path.startswith("<")
    ]
    oids = list(dict.fromkeys(location.oid for _, location in wanted if location.oid))[:_MAX_BLOBS]
    content = {one.oid: one.data for one in read_each(repository, oids, limit=_MAX_SIZE)}
    forms: dict[str, dict[SecretValue, None]] = {}
    for finding, location in wanted:
        data = _file_at(location.path, content.get(location.oid or ""))
        value = finding.secret.reveal() if finding.secret else b""
        spelt = _text_at(data, location) if data and value not in data else b""
        # Much more than the value could be is not its spelling, but where it stands.
        if _SHORTEST <= len(spelt) <= 4 * len(value) + 64:
            forms.setdefault(finding.id, {})[SecretValue(spelt)] = None
    return {name: tuple(spellings) for name, spellings in forms.items()}


def _file_at(path: str, data: bytes | None) -> bytes | None:
    """The content of the file of that path, which may be a member of the archive `data`."""
    if data is None or archive_kind(data) is None:
        return data
    members = (part for part in opened(data) if isinstance(part, ArchiveMember))
    return next((one.data for one in members if path.endswith(SEPARATOR + one.name)), None)


def _text_at(data: bytes, location: Location) -> bytes:
    """The bytes between the location's first and last column. Lines and columns count from 1."""
    lines = data.split(b"\n")[location.line - 1 : location.end_line]
    if not lines or len(lines) != location.end_line - location.line + 1:
        return b""
    lines[-1] = lines[-1][: location.end_column - 1]
    lines[0] = lines[0][location.column - 1 :]
    return b"\n".join(lines)
