"""The files that a repository's objects lie in: what is there, and what of it cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final, Self

from secopskit.findings import Skipped, SkipReason
from secopskit.git.objects.directories import object_directories
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple

_ID_LENGTHS: Final = (40, 64)
_PACK_MAGIC: Final = b"PACK"


class ObjectFiles(NamedTuple):
    """The files that a repository's objects lie in: index files by pack identity, loose objects.

    `irregular` are the ids of loose objects in whose place something stands that is no file: git ends where
    it is asked for one. `unreadable` are packs and directories that cannot be read.
    """

    packs: Mapping[str, str]
    loose: frozenset[str]
    irregular: frozenset[str]
    unreadable: tuple[Skipped, ...]

    @classmethod
    def of(cls, repository: Repository) -> Self:
        """What is there now. Objects that arrive later count as new in the next scan."""
        packs, loose, irregular = dict[str, str](), set[str](), set[str]()
        unreadable = list[Skipped]()
        for directory in object_directories(repository):
            unreadable += _list_packs(os.path.join(directory, "pack"), packs)
            for prefix in (f"{byte:02x}" for byte in range(256)):
                place = os.path.join(directory, prefix)
                try:
                    for entry in os.scandir(place):
                        (loose if entry.is_file() else irregular).add(prefix + entry.name)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    unreadable.append(_unreadable(place, error.strerror))
        return cls(packs, _ids(loose), _ids(irregular), tuple(unreadable))


def _ids(names: set[str]) -> frozenset[str]:
    return frozenset(oid for oid in names if len(oid) in _ID_LENGTHS)


def _list_packs(directory: str, packs: dict[str, str]) -> Iterator[Skipped]:
    """Add the packs of a directory to `packs`; those that cannot be read are told instead."""
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        return
    except OSError as error:
        yield _unreadable(directory, error.strerror)
        return
    for entry in entries:
        index = entry.path.removesuffix(".pack") + ".idx"
        # One without an index is only just being made; what it holds counts as new in the next scan.
        if not entry.name.endswith(".pack") or not os.path.lexists(index):
            continue
        try:
            if not _belong_together(entry.path, index):
                yield _unreadable(entry.path, "does not fit its index")
                continue
            packs[f"{entry.name}:{entry.stat().st_size}"] = index
        except OSError as error:
            yield _unreadable(entry.path, error.strerror)


def _belong_together(pack: str, index: str) -> bool:
    """Whether a pack has the beginning and the end that its index tells of. Raises OSError."""
    with open(pack, "rb") as file, open(index, "rb") as other:
        begins = file.read(len(_PACK_MAGIC)) == _PACK_MAGIC
        for width in (20, 32):  # SHA-1, SHA-256
            with suppress(OSError):  # too short
                file.seek(-width, os.SEEK_END)
                other.seek(-2 * width, os.SEEK_END)
                if begins and file.read(width) == other.read(width):
                    return True
    return False


def _unreadable(path: str, why: str | None) -> Skipped:
    return Skipped(path=path, reason=SkipReason.UNREADABLE, detail=why or "")
