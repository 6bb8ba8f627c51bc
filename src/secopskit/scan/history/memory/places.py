"""Where findings stand, and never what they are: a value is read anew from its object each time.

What is kept of an occurrence is what a report says of it, where in its object the value begins, and how
long it is. Some values do not stand in their objects as they are: those that are decoded, put together from
several lines, or in archives. Their objects have to be looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from secopskit.formats.archives.member_paths import NAMELESS, outer_paths, placed
from secopskit.git.objects.bulk import Batch, BulkReader
from secopskit.git.objects.object_id import object_id
from secopskit.git.repository import Repository
from secopskit.scan.content.occurrence import Occurrence

# The fields of `Occurrence.to_wire`, with a length in the place of the secret.
Place: TypeAlias = tuple[Any, ...]
_Span: TypeAlias = tuple[str, int, int]
_SECRET: Final = 1
_PATH: Final = 5
_OID: Final = 6
_BATCH: Final = 200


def places_of(found: Mapping[str, Sequence[Occurrence]]) -> dict[str, list[Place]]:
    """The places of what was `found`, by object id, of objects that need not be looked at again."""
    places = {oid: [place_of(one) for one in ones] for oid, ones in found.items()}
    return {oid: ones for oid, ones in places.items() if all(map(is_plain, ones))}


def plain_occurrences(
    repository: Repository, places: Mapping[str, Sequence[Place]], oids: Iterable[str]
) -> dict[str, list[Occurrence]]:
    """The occurrences in the objects `oids`, as far as their places are kept and are what they were.

    Raises GitError where git cannot be asked.
    """
    wanted = [place for oid in oids for place in places.get(oid, ())]
    found: dict[str, list[Occurrence]] = {}
    for one in Recall(repository, lambda _files, _named: ()).occurrences(wanted) or ():
        found.setdefault(one.oid or "", []).append(one)
    return found


class Recall:
    """Reads values anew.

    `look` looks at objects again, which it gets with their files by object id, and gives all that it finds
    there: judged by the names of the files, or without. It is asked where a value does not stand in its
    object.
    """

    def __init__(
        self,
        repository: Repository,
        look: Callable[[Mapping[str, Sequence[str]], bool], Iterable[Occurrence]],
    ) -> None:
        self._repository = repository
        self._look = look

    def occurrences(self, places: Sequence[Place]) -> list[Occurrence] | None:
        """The occurrences at `places`, in their order; None where an object is not what it was.

        Raises GitError where git cannot be asked.
        """
        values, found = self._values(places), self._found(places)
        if values is None or found is None:
            return None
        return [_recalled(place, values) if is_plain(place) else found[place] for place in places]

    def _values(self, places: Sequence[Place]) -> Mapping[_Span, bytes] | None:
        """The values that stand in their objects."""
        wanted: dict[str, set[tuple[int, int]]] = {}
        for place in places:
            if place[_SECRET] is not None and is_plain(place):
                wanted.setdefault(place[_OID], set()).add((place[-1], place[_SECRET]))
        values: dict[_Span, bytes] = {}
        for oid, content in _contents(self._repository, list(wanted)):
            for start, length in wanted.pop(oid):
                values[oid, start, length] = bytes(content[start : start + length])
        return None if wanted else values

    def _found(self, places: Sequence[Place]) -> Mapping[Place, Occurrence] | None:
        """The occurrences that must be looked for again: without names, which is quicker, then with them."""
        wanted = {place for place in places if not is_plain(place)}
        found: dict[Place, Occurrence] = {}
        for named in (False, True):
            if lacking := wanted - found.keys():
                files = _files(lacking)
                for one in self._look(files, named):
                    found.update((place_of(it), it) for it in _under(one, files.get(one.oid or "", ())))
        return found if wanted <= found.keys() else None


def _files(places: Iterable[Place]) -> dict[str, list[str]]:
    """The files that the places are in, by object id. Of a member of an archive, that is the archive."""
    files: dict[str, list[str]] = {}
    for oid, path in sorted({(place[_OID], place[_PATH]) for place in places}):
        for name in list(outer_paths(path)) or [path]:
            if name not in files.setdefault(oid, []):
                files[oid].append(name)
    return files


def place_of(occurrence: Occurrence) -> Place:
    """What is kept of an occurrence."""
    length = None if occurrence.secret is None else len(occurrence.secret)
    fields = occurrence._replace(secret=None).to_wire()
    return (*fields[:_SECRET], length, *fields[_SECRET + 1 :])


def is_plain(place: Place) -> bool:
    """Whether the value stands in the object, or there is none."""
    return place[_SECRET] is None or place[-1] >= 0


def _under(occurrence: Occurrence, names: Iterable[str]) -> Iterator[Occurrence]:
    """An occurrence by its name, or one of a nameless object by each of the object's `names`."""
    if occurrence.path and not occurrence.path.startswith(NAMELESS):
        yield occurrence
    else:
        yield from (occurrence.at(placed(occurrence.path, name)) for name in names)


def _recalled(place: Place, values: Mapping[_Span, bytes]) -> Occurrence:
    length = place[_SECRET]
    value = None if length is None else values[place[_OID], place[-1], length]
    return Occurrence.from_wire((*place[:_SECRET], value, *place[_SECRET + 1 :]))


def _contents(repository: Repository, oids: Collection[str]) -> Iterator[tuple[str, memoryview]]:
    """The objects that are there and are what their ids say; each is valid until the next."""
    reader, left = BulkReader(repository), iter(oids)
    try:
        while batch := list(islice(left, _BATCH)):
            for one in reader.each("".join(f"{oid}\n" for oid in batch).encode()):
                with one.data:
                    yield from _sound(repository.object_format, one)
    finally:
        reader.close()


def _sound(algorithm: str, batch: Batch) -> Iterator[tuple[str, memoryview]]:
    for entry in batch.entries():
        with batch.data[entry.start : entry.end] as content:
            if object_id(algorithm, entry.kind, bytes(content)).hex() == entry.oid:
                yield entry.oid, content
