"""Applied files that have another name by now: known by their content, so that none runs twice.

A row of the ledger has lost its file where no file of its version has its checksum. A file with that
checksum, which is not what the ledger has for the file's own version, is the one that was lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from secopskit.migrate.model import Applied, Migration, VersionState
from secopskit.migrate.read.names import version_key

Key: TypeAlias = tuple[int, ...]
Files: TypeAlias = Mapping[Key, Migration]
Ledger: TypeAlias = Mapping[Key, Applied]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renames:
    """What has another name: `by_row` maps a row's version to the file that it is about.

    `unclear` maps a row's version to several files of its content, of which any could be meant, or to
    one of its name with another content: a person must say which.
    """

    by_row: Mapping[Key, Migration]
    unclear: Mapping[Key, tuple[Migration, ...]]

    @property
    def taken(self) -> frozenset[Key]:
        """The versions of files that are applied under another one, or may be: they must not run."""
        files = [*self.by_row.values(), *(one for some in self.unclear.values() for one in some)]
        return frozenset(version_key(migration.version) for migration in files)


def find_renames(files: Files, ledger: Ledger) -> Renames:
    """The rows of `ledger` whose files have another version by now. Pure."""
    lost = [key for key, row in sorted(ledger.items()) if row.checksum and not _holds(files, key, row)]
    free = {
        key: file for key, file in files.items() if key not in ledger or not _holds(files, key, ledger[key])
    }
    by_row: dict[Key, Migration] = {}
    unclear: dict[Key, tuple[Migration, ...]] = {}
    for checksum in dict.fromkeys(ledger[key].checksum for key in lost):
        rows = [key for key in lost if ledger[key].checksum == checksum]
        same = [key for key in sorted(free) if free[key].up.checksum == checksum]
        by_row |= {row: free.pop(file) for row, file in _pairs(rows, same, files, ledger)}
        left = tuple(free[key] for key in same if key in free)
        unclear |= {row: left for row in rows if left and row not in by_row}
    for key in lost:
        adopted = ledger[key].state is VersionState.BASELINE  # its file may be gone
        if key not in by_row and key not in unclear and key not in files and not adopted:
            named = tuple(_of_that_name(free.values(), ledger, key))
            unclear |= {key: named} if named else {}
    return Renames(by_row=by_row, unclear=unclear)


def _holds(files: Files, key: Key, row: Applied) -> bool:
    """Whether the file of the row's version is still what the row says (or nobody knows better)."""
    return key in files and row.checksum in (None, files[key].up.checksum)


def _pairs(
    rows: Sequence[Key], same: Sequence[Key], files: Files, ledger: Ledger
) -> Iterable[tuple[Key, Key]]:
    """Rows and files of one content: as many of one as of the other, else those of one name."""
    if len(rows) == len(same):
        return list(zip(rows, same, strict=True))
    named = {row: [key for key in same if files[key].name == ledger[row].name] for row in rows}
    once = [(row, keys[0]) for row, keys in named.items() if len(keys) == 1]
    used = [file for _, file in once]
    return [(row, file) for row, file in once if used.count(file) == 1]


def _of_that_name(free: Iterable[Migration], ledger: Ledger, key: Key) -> Iterable[Migration]:
    """Files that are not applied, with the name (which says something) of the row that lost its own."""
    name = ledger[key].name
    return [file for file in free if name and file.name == name and version_key(file.version) not in ledger]
