"""Everything a repository's objects lie in, opened at once, so that nothing vanishes under a reader."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from secopskit.errors import GitError
from secopskit.git.packs import compiled
from secopskit.git.packs.compiled import PackError
from secopskit.git.packs.loose import LooseFile, loose_files
from secopskit.git.packs.packfile import PackFile
from secopskit.git.packs.unread import Doubtful
from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work

_WIDTHS: Final = {"sha1": 20, "sha256": 32}


class UnreadPack(NamedTuple):
    """A pack that git has to be asked for as a whole, and why. It may hold any objects."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSources:
    """The packs of a repository and its alternates, the largest first, and its loose objects.

    An object that stands in several is read from the first of them; a loose one that is packed, too, is left
    out of `loose`.
    """

    algorithm: str
    packs: tuple[PackFile, ...]
    loose: tuple[LooseFile, ...]
    unread: tuple[UnreadPack, ...]

    @classmethod
    def open(cls, directories: Sequence[str], algorithm: str) -> ObjectSources:
        """What is below the object `directories`, in a repository of this format (`sha1`, `sha256`).

        What is there and cannot be read is `unread`. Raises GitError where packs come and go too fast, or
        a directory cannot be listed.
        """
        try:
            return cls._opened(directories, algorithm)
        except FileNotFoundError:  # git has packed anew meanwhile
            pass
        try:
            return cls._opened(directories, algorithm)
        except FileNotFoundError:
            raise GitError("the packs change while they are opened", advice="Try again.") from None

    @classmethod
    def _opened(cls, directories: Sequence[str], algorithm: str) -> ObjectSources:
        width = _WIDTHS[algorithm]
        packs, unread = list[PackFile](), list[UnreadPack]()
        # Loose objects first: git deletes them when a new pack has them.
        loose = {file.oid: file for one in reversed(directories) for file in _loose_files(one, width)}
        for path in _pack_paths(directories):
            still_at_work()
            try:
                packs.append(PackFile(path, width))
            except FileNotFoundError:
                raise
            except (OSError, PackError) as error:
                unread.append(UnreadPack(path, getattr(error, "strerror", None) or str(error)))
        return cls(
            algorithm=algorithm,
            packs=tuple(packs),
            loose=tuple(_grown(packs, list(loose.values()), width, None)),
            unread=tuple(unread),
        )

    def doubtful(self) -> Iterator[Doubtful]:
        """The objects of the packs that cannot be rebuilt, as far as that shows from their headers."""
        for pack in self.packs:
            place = pack.kinds.find(0)
            while place >= 0:
                if pack.is_wanted(place):
                    yield Doubtful(pack.oid(place), "its header, or that of a base, is damaged")
                place = pack.kinds.find(0, place + 1)

    def narrowed(self, only: bytes) -> ObjectSources:
        """The same packs and files, where no object is wanted but those of these ids (in binary, joined).

        They weigh what has to be looked at, and not what has to be inflated.
        """
        packs = list[PackFile]()
        for pack in self.packs:
            still_at_work()
            packs.append(pack.again())
        loose = tuple(_grown(packs, list(self.loose), self.width, only))
        return replace(self, packs=tuple(packs), loose=loose)

    @property
    def commits(self) -> int | None:
        """The number of commits in the packs; None where some stand in several, or not all are wanted."""
        counts = [pack.commits for pack in self.packs]
        return None if None in counts else sum(filter(None, counts))

    @property
    def width(self) -> int:
        """The bytes of an id."""
        return _WIDTHS[self.algorithm]

    def ids(self) -> Iterator[bytes]:
        """The ids of all objects that are wanted, in binary, those of a pack joined."""
        yield from (pack.wanted_ids() for pack in self.packs)
        yield bytes.fromhex("".join(file.oid for file in self.loose))

    def unknown(self, kind: str, known: bytes) -> list[str]:
        """The ids of what may be of a kind, and is not among the ids `known` (in binary, joined).

        Those are the packed objects of that kind, and all that have a file of their own.
        """
        packed = b"".join(oid for pack in self.packs for oid in pack.ids_of(kind))
        ids = known + packed + bytes.fromhex("".join(file.oid for file in self.loose))
        again, width = compiled.repeated(ids, self.width), self.width
        places = (n for n in range(len(known) // width, len(again)) if not again[n])
        return [ids[n * width : (n + 1) * width].hex() for n in places]

    def strangers(self, kind: str, asked: bytes) -> bytes:
        """Those of the ids `asked` (in binary, joined) that no object of that kind has, in any pack."""
        for pack in self.packs:
            asked = pack.strangers(kind, asked)
        return asked

    def pack(self, path: str) -> PackFile:
        """The pack with this path. Raises GitError if it was not there when the sources were opened."""
        for pack in self.packs:
            if pack.path == path:
                return pack
        raise GitError("a pack has gone", advice="Is another git packing? Try again.")


def _grown(
    packs: Sequence[PackFile], loose: list[LooseFile], width: int, only: bytes | None
) -> list[LooseFile]:
    """Grow the forests of all packs, without what is not wanted of them; the loose objects that are wanted.

    What an earlier pack has is not.
    """
    if len(packs) + bool(loose) == 1 and packs and only is None:
        packs[0].grow(b"")
        return loose
    ids = b"".join([*(pack.ids for pack in packs), *(bytes.fromhex(file.oid) for file in loose)])
    unwanted, at = compiled.repeated(ids, width), 0
    if only is not None:
        unwanted = compiled.others(ids, unwanted, width, only)
    for pack in packs:
        still_at_work()
        if only is not None:
            pack.weigh_contents(unwanted[at : at + pack.count])
        pack.grow(unwanted[at : at + pack.count])
        at += pack.count
    return [file for file, again in zip(loose, unwanted[at:], strict=True) if not again]


def _loose_files(directory: str, width: int) -> Iterator[LooseFile]:
    try:
        yield from loose_files(directory, width)
    except OSError as error:
        words = f"{error.filename}: {error.strerror}"
        raise GitError(words, advice="May you read the repository's objects?") from None


def _pack_paths(directories: Sequence[str]) -> list[str]:
    """The packs that have an index, the largest first."""
    found = list[tuple[int, str]]()
    for directory in directories:
        place = os.path.join(directory, "pack")
        try:
            names = set(os.listdir(place))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            words = f"{place}: {error.strerror}"
            raise GitError(words, advice="May you read the repository's objects?") from None
        for name in names:
            if name.endswith(".pack") and name.removesuffix(".pack") + ".idx" in names:
                path = os.path.join(place, name)
                found.append((-os.stat(path).st_size, path))
    return [path for _, path in sorted(found)]
