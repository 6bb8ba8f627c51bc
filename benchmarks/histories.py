"""Many repositories made of a few real ones: each is the history of a clone as it was at some commit."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.repositories import git, place_for_copies
from benchmarks.seeds import plant_one

_FEWEST: Final = 10  # commits along the first parents
_BRANCH: Final = "refs/heads/main"


@contextmanager
def histories(clones: Sequence[Path], number: int) -> Iterator[list[Path]]:
    """So many bare repositories side by side, the largest first; removed at the end.

    Their lengths are spread evenly in proportion: as many have 10 to 100 commits as have 100 to 1,000. The
    same clones make the same histories. In each, one secret of its own is planted: who has not looked into
    it does not find that.
    """
    with place_for_copies() as top:
        drawn = random.Random(7)
        lines = [git(clone, "rev-list", "--first-parent", "--reverse", "HEAD").split() for clone in clones]
        made = []
        for at in range(number):
            clone, line = clones[at % len(clones)], lines[at % len(clones)]
            made.append(_cut(clone, _drawn(drawn, line), top / f"{at:04}.git"))
        yield sorted(made, key=size, reverse=True)


def size(repository: Path) -> int:
    """The bytes of a bare repository's packs."""
    return sum(path.stat().st_size for path in (repository / "objects" / "pack").iterdir())


def commits(repository: Path) -> int:
    """How many commits it has."""
    return int(git(repository, "rev-list", "--all", "--count"))


def _drawn(drawn: random.Random, line: Sequence[str]) -> str:
    """A commit of a line from the oldest on; the shorter the history up to it, the likelier."""
    longer: float = max(1.0, len(line) / _FEWEST) ** drawn.random()
    return line[min(len(line), round(_FEWEST * longer)) - 1]


def _cut(clone: Path, commit: str, place: Path) -> Path:
    """A bare repository with what `commit` reaches, in one pack; deltas are those of the clone."""
    git(place.parent, "init", "-q", "--bare", "--template=", str(place))
    git(place, "symbolic-ref", "HEAD", _BRANCH)
    objects = git(clone, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    git(
        place,
        *("pack-objects", "-q", "--revs", "--delta-base-offset", str(place / "objects" / "pack" / "pack")),
        given=f"{commit}\n",
        extra={"GIT_ALTERNATE_OBJECT_DIRECTORIES": objects},
    )
    git(place, "update-ref", _BRANCH, commit)
    plant_one(place)
    return place
