"""What stands at some paths in many commits: each directory that some of them share is looked into once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from secopskit.errors import GitError
from secopskit.git.objects.lasting import Content, PatientReader
from secopskit.git.objects.tree import chosen
from secopskit.git.packs.lookup import reading_from
from secopskit.git.repository import Repository

if TYPE_CHECKING:
    from secopskit.git.packs.sources import ObjectSources

_LARGEST: Final = 1 << 26
_TOP: Final = b""
# What a commit and a tag begin with: which tree, or which object, is theirs.
_LEADS: Final = re.compile(rb"(?:tree|object) ([0-9a-f]+)\n")

_Places: TypeAlias = dict[bytes, int]
"""The paths at which an object stands, with the number of the first top in which it does."""


def first_with(
    repository: Repository,
    tops: Sequence[str],
    paths: Iterable[bytes],
    *,
    sources: ObjectSources | None = None,
    there: Set[str] | None = None,
) -> dict[tuple[str, bytes], int]:
    """For each object (its id) at one of `paths`: the number of the first of `tops` in which it stands there.

    `tops` are commits, trees, and tags of these. Objects are read from `sources`, or by git. Those that are
    not `there` (None: all are) are not asked for; what is missing, damaged or too large is passed over.
    Raises GitError.
    """
    wanted, found = frozenset(paths), dict[tuple[str, bytes], int]()
    names = _names_by_directory(wanted)
    pending = dict[str, _Places]()
    for number, oid in enumerate(tops if wanted else ()):
        pending.setdefault(oid, {}).setdefault(_TOP, number)
    with PatientReader(repository, partial(reading_from, repository, sources)) as reader:
        while pending:
            following = dict[str, _Places]()
            asked = [oid for oid in pending if there is None or oid in there]
            for content in reader.each(asked, limit=_LARGEST):
                for oid, path, number, is_file in _entries(content, pending[content.oid], names):
                    if path in wanted:
                        found[oid, path] = min(found.get((oid, path), number), number)
                    if path in names and not is_file:
                        places = following.setdefault(oid, {})
                        places[path] = min(places.get(path, number), number)
            pending = following
    return found


def _names_by_directory(paths: Iterable[bytes]) -> Mapping[bytes, Set[bytes]]:
    """The names that are to be looked for in each directory, so that `paths` are reached."""
    names = dict[bytes, set[bytes]]()
    for path in paths:
        directory = path
        while directory:
            directory, _, name = directory.rpartition(b"/")
            names.setdefault(directory, set()).add(name)
    return names


def _entries(
    content: Content, places: _Places, names: Mapping[bytes, Set[bytes]]
) -> Iterator[tuple[str, bytes, int, bool]]:
    """What an object at `places` leads to: id, path, the number of the first top, whether it is a file."""
    if content.data is None:
        return
    if content.kind != "tree":
        leads = _LEADS.match(content.data) if content.kind != "blob" else None
        yield from ((leads[1].decode(), path, number, False) for path, number in places.items() if leads)
        return
    for directory, number in places.items():
        try:
            for entry in chosen(content.data, names[directory], len(content.oid) // 2):
                path = b"%s/%s" % (directory, entry.name) if directory else entry.name
                yield entry.oid.hex(), path, number, not entry.is_tree
        except GitError:  # it is damaged; what was found before that is true
            continue
