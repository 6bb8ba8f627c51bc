"""The dirty files that are no text: their formats, told by what they begin with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.purge.model import BinaryFormat
from secopskit.purge.values.binary import binary_format

_WHOLE: Final = 16 * 1024 * 1024
_HEAD: Final = 1 << 20


def binary_blobs(repository: Repository, oids: Iterable[str]) -> Mapping[str, BinaryFormat]:
    """Those of the blobs that are no text, and their formats. Raises GitError.

    Of large ones the beginning is read.
    """
    found: dict[str, BinaryFormat] = {}
    for one in read_each(repository, sorted(oids), limit=_WHOLE):
        data = one.data
        if data is None and not one.damaged:
            with repository.stream("cat-file", "blob", one.oid) as content:
                data = content.read(_HEAD)
        if data and (format_ := binary_format(data)):
            found[one.oid] = format_
    return found


def names_of_binaries(
    found: Mapping[str, BinaryFormat], paths: Mapping[str, Iterable[str]]
) -> dict[BinaryFormat, tuple[str, ...]]:
    """The files of each format, by their paths; a blob that has none by its id."""
    names: dict[BinaryFormat, dict[str, None]] = {}
    for oid, format_ in found.items():
        names.setdefault(format_, {}).update(dict.fromkeys(paths.get(oid) or (oid,)))
    return {format_: tuple(sorted(names[format_])) for format_ in sorted(names)}
