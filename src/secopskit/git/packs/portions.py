"""The work of reading, shared out: families of deltas together, the heaviest first."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from secopskit.git.packs import compiled
from secopskit.git.packs.loose import LooseFile
from secopskit.git.packs.packfile import KINDS, PackFile
from secopskit.git.packs.sources import ObjectSources
from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work

_WEIGHT: Final = 2 << 20
_LOOSE_FILES: Final = 500
_LOOSE_WEIGHT: Final = 4096  # of a file, most are smaller
# Below this, a second process costs more than it brings: it is some 20 MB of content.
_LITTLE: Final = 4 << 20


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

    `roots` are the places of objects to begin with that have nothing special about them, in 32 bits each.
    `weight` is about the number of bytes to inflate.
    """

    weight: int
    pack: str = ""
    roots: array[int] = array("i")
    starts: tuple[FamilyStart, ...] = ()
    loose: tuple[LooseFile, ...] = ()

    def families(self) -> Iterator[FamilyStart]:
        """All of the pack's objects to begin with."""
        yield from self.starts
        yield from map(FamilyStart, self.roots)


def share(
    sources: ObjectSources, kinds: Collection[str], jobs: int, *, least: int | None = None
) -> list[Portion]:
    """All objects of these kinds as portions for `jobs` processes, the heaviest first.

    `least` is the weight that is worth sending to one. A loose object's kind is only known when it is read.
    """
    least = _WEIGHT if least is None else least
    wanted = sum(1 << KINDS.index(kind) for kind in set(kinds))
    roots = [compiled.roots(pack.kinds, pack.bases, pack.used, wanted) for pack in sources.packs]
    total = sum(pack.weights[place] for pack, own in zip(sources.packs, roots, strict=True) for place in own)
    # More than this in one family, and the other processes would have nothing to do at the end.
    most = max(total // (2 * jobs), least) if jobs > 1 else total
    portions = list[Portion]()
    for pack, own in zip(sources.packs, roots, strict=True):
        still_at_work()
        own.sort(key=pack.weights.__getitem__, reverse=True)
        heavy = next((n for n, place in enumerate(own) if pack.weights[place] <= most), len(own))
        starts = [start for place in own[:heavy] for start in _split(pack, place, most)]
        portions += (Portion(weight, pack.path, starts=(start,)) for weight, start in starts)
        portions += _gathered(pack, own[heavy:], least)
    portions += [
        Portion(_LOOSE_WEIGHT * len(loose), loose=loose)
        for at in range(0, len(sources.loose), _LOOSE_FILES)
        if (loose := sources.loose[at : at + _LOOSE_FILES])
    ]
    portions.sort(key=lambda portion: -portion.weight)
    return portions


def portions_for(
    sources: ObjectSources,
    kinds: Collection[str],
    jobs: int,
    *,
    least: int | None = None,
    little: int | None = None,
) -> list[tuple[Portion, ...]]:
    """All objects of these kinds as tasks for `jobs` processes, the heaviest first.

    A task has several portions that weigh less than `least`; where all weigh no more than `little`, there is
    one task.
    """
    return list(bundled(share(sources, kinds, jobs, least=least), least=least, little=little))


def bundled(
    portions: Iterable[Portion], *, least: int | None = None, little: int | None = None
) -> Iterator[tuple[Portion, ...]]:
    """Portions together that weigh less than `least`, in their order; all of them if they weigh `little`."""
    portions = list(portions)
    least = _WEIGHT if least is None else least
    little = _LITTLE if little is None else little
    least = least if sum(portion.weight for portion in portions) > little else little
    current, total = list[Portion](), 0
    for portion in portions:
        current.append(portion)
        total += portion.weight
        if total >= least:
            yield tuple(current)
            current, total = [], 0
    if current:
        yield tuple(current)


def _gathered(pack: PackFile, roots: Iterable[int], least: int) -> Iterator[Portion]:
    """Roots in portions that weigh so much."""
    current, total = array("i"), 0
    for place in roots:
        current.append(place)
        total += pack.weights[place]
        if total >= least:
            yield Portion(total, pack.path, current)
            current, total = array("i"), 0
    if current:
        yield Portion(total, pack.path, current)


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
