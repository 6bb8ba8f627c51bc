"""The spelling of a found value in its file: an escape or an entity makes it differ from what it means.

A detector that understands a format (YAML, XML, dotenv, hexadecimal runs) reports the value that a
program would read. The bytes that stand for it in the file are what a purge has to replace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from secopskit.findings import Finding, Location
from secopskit.formats.archives.member_paths import SEPARATOR
from secopskit.formats.archives.opening import opened
from secopskit.formats.archives.parts import ArchiveMember
from secopskit.formats.archives.recognised import SCRIPT, archive_kind
from secopskit.git.objects.lasting import read_each
from secopskit.git.objects.slices import LARGE
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

_SHORTEST: Final = 8
_CHUNK: Final = 1 << 20
# Those are found in every alignment, and replaced so that what stands around them still decodes.
_COVERED: Final = ("decoded from base64", "decoded from percent-encoding")


class Spellings(NamedTuple):
    """By finding id, the ways in which its value is spelt other than as it is.

    `too_large` are the paths of files that are not read whole, and in which a value does not stand as it is.
    """

    forms: Mapping[str, tuple[SecretValue, ...]]
    too_large: tuple[str, ...]


class _Place(NamedTuple):
    finding: str
    value: bytes
    location: Location


def spellings(repository: Repository, findings: Iterable[Finding]) -> Spellings:
    """How the values of the findings are spelt; one file after the other is read. Raises GitError."""
    places = dict[str, list[_Place]]()
    for oid, place in _places(findings):
        places.setdefault(oid, []).append(place)
    forms, too_large = dict[str, dict[SecretValue, None]](), dict[str, None]()
    for content in read_each(repository, places, limit=LARGE):
        here = places[content.oid]
        if content.data is None and content.size is not None:
            too_large |= dict.fromkeys(_unseen(repository, content.oid, here))
        for name, spelt in _spelt(here, content.data):
            forms.setdefault(name, {})[SecretValue(spelt)] = None
    return Spellings({name: tuple(spelt) for name, spelt in forms.items()}, tuple(too_large))


def _places(findings: Iterable[Finding]) -> Iterator[tuple[str, _Place]]:
    """The places of values in files, each by the id of the file."""
    for finding in findings:
        if finding.secret and not any(way in finding.note for way in _COVERED):
            value = finding.secret.reveal()
            for location in finding.locations:
                if location.oid and not location.path.startswith("<"):
                    yield location.oid, _Place(finding.id, value, location)


def _spelt(places: Iterable[_Place], content: bytes | None) -> Iterator[tuple[str, bytes]]:
    """The spellings in one file, each with the id of its finding."""
    for finding, value, location in places:
        data = _file_at(location.path, content)
        spelt = _text_at(data, location) if data and value not in data else b""
        # Much more than the value could be is not its spelling, but where it stands.
        if _SHORTEST <= len(spelt) <= 4 * len(value) + 64:
            yield finding, spelt


def _unseen(repository: Repository, oid: str, places: Iterable[_Place]) -> Iterator[str]:
    """The paths of those places whose value does not stand in the file as it is."""
    for value, here in groupby(sorted(places, key=_value_of), key=_value_of):
        if not _stands(repository, oid, value):
            yield from (place.location.path for place in here)


def _value_of(place: _Place) -> bytes:
    return place.value


def _stands(repository: Repository, oid: str, value: bytes) -> bool:
    """Whether a value stands in a file, which is read piece by piece."""
    rest = b""
    with repository.stream("cat-file", "blob", oid) as output:
        while chunk := output.read(_CHUNK):
            rest += chunk
            if value in rest:
                return True
            rest = rest[-len(value) :]
    return False


def _file_at(path: str, data: bytes | None) -> bytes | None:
    """The content of the file of that path, which may be a member of the archive `data`."""
    if data is None or (kind := archive_kind(data)) is None:
        return data
    members = (part for part in opened(data) if isinstance(part, ArchiveMember))
    own = data if kind == SCRIPT else None  # its text has the path of the file itself
    return next((one.data for one in members if path.endswith(SEPARATOR + one.name)), own)


def _text_at(data: bytes, location: Location) -> bytes:
    """The bytes between the location's first and last column. Lines and columns count from 1."""
    lines = data.split(b"\n")[location.line - 1 : location.end_line]
    if not lines or len(lines) != location.end_line - location.line + 1:
        return b""
    lines[-1] = lines[-1][: location.end_column - 1]
    lines[0] = lines[0][location.column - 1 :]
    return b"\n".join(lines)
