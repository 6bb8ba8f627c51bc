"""The work of reading, shared out: families of deltas together, the heaviest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from secopskit.git.packs import compiled
from secopskit.git.packs.loose import LooseFile
from secopskit.git.packs.packfile import KINDS, PackFile
from secopskit.git.packs.sources import ObjectSources

_WEIGHT: Final = 8 << 20
_LOOSE_FILES: Final = 500


class FamilyStart(NamedTuple):
    """An object to begin with, and what to make from it, by their places in a pack.

    With `heirs`, these alone are made, and the object itself is told of elsewhere. What is in `left_out` is
    made elsewhere, with all of its heirs.
    """

    place: int
    heirs: tuple[int, ...] = ()
    left_out: frozenset[int] = frozenset()


class Portion(NamedTuple):
    """Work for one process, in plain values that may cross a pipe: of one pack, or loose objects.

    `weight` is about the number of bytes to inflate.
    """

    weight: int
    pack: str = ""
    starts: tuple[FamilyStart, ...] = ()
    loose: tuple[LooseFile, ...] = ()


def share(sources: ObjectSources, kinds: Collection[str], jobs: int) -> list[Portion]:
    """All objects of these kinds as portions for `jobs` processes, the heaviest first.

    A loose object's kind is only known when it is read.
    """
    wanted = sum(1 << KINDS.index(kind) for kind in set(kinds))
    families = [
        [(pack.weights[place], place) for place in compiled.roots(pack.kinds, pack.bases, pack.used, wanted)]
        for pack in sources.packs
    ]
    # More than this in one family, and the other processes would have nothing to do at the end.
    total = sum(weight for own in families for weight, _ in own)
    most = max(total // (2 * max(jobs, 1)), _WEIGHT)
    portions = list[Portion]()
    for pack, own in zip(sources.packs, families, strict=True):
        starts = list[tuple[int, FamilyStart]]()
        for weight, place in own:
            if weight > most and jobs > 1:
                starts += _split(pack, place, most)
            else:
                starts.append((weight, FamilyStart(place)))
        starts.sort(key=lambda one: -one[0])
        portions += _gathered(pack.path, starts)
    portions += [
        Portion(_WEIGHT, loose=sources.loose[at : at + _LOOSE_FILES])
        for at in range(0, len(sources.loose), _LOOSE_FILES)
    ]
    portions.sort(key=lambda portion: -portion.weight)
    return portions


def _gathered(path: str, starts: list[tuple[int, FamilyStart]]) -> Iterator[Portion]:
    """Starts in portions that are worth sending to a process."""
    current, total = list[FamilyStart](), 0
    for weight, start in starts:
        current.append(start)
        total += weight
        if total >= _WEIGHT:
            yield Portion(total, path, tuple(current))
            current, total = [], 0
    if current:
        yield Portion(total, path, tuple(current))


def _split(pack: PackFile, place: int, most: int) -> Iterator[tuple[int, FamilyStart]]:
    """A family as one start, or where it is heavier than `most`, as several with their weights."""
    heavy = [place]
    for node in heavy:
        heavy += [heir for heir in pack.heirs(node) if pack.weights[heir] > most]
    pieces, left_out, rest = list[tuple[int, int, tuple[int, ...]]](), set[int](), dict[int, int]()
    for node in reversed(heavy):  # heirs before their bases
        heirs = pack.heirs(node)
        own = pack.weights[node] - sum(pack.weights[heir] for heir in heirs)
        weighed = sorted(((rest.get(heir, pack.weights[heir]), heir) for heir in heirs), reverse=True)
        rest[node] = own + sum(weight for weight, _ in weighed)
        while weighed and rest[node] > most:
            weight, group = _group(weighed, min(rest[node] - most, most))
            pieces.append((weight, node, group))
            left_out.update(group)
            rest[node] -= weight
    elsewhere = frozenset(left_out)
    yield rest[place], FamilyStart(place, left_out=elsewhere)
    yield from ((weight, FamilyStart(node, group, elsewhere)) for weight, node, group in pieces)


def _group(weighed: list[tuple[int, int]], wanted: int) -> tuple[int, tuple[int, ...]]:
    """Take heirs from the beginning, with their weights, until they weigh `wanted`."""
    total, taken = 0, list[int]()
    while weighed and total < wanted:
        weight, heir = weighed.pop(0)
        total += weight
        taken.append(heir)
    return total, tuple(taken)
