"""Chooses what a purge is timed on: texts of a real history that came in at a certain depth.

Nothing is planted, so the history is the real one: four lines that some commit added to files
which seldom change, and the subject of one commit. The depth is a number of commits, counted
from the tips: so many have to be rewritten.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from benchmarks.repositories import git

_LINE = re.compile(r"[\w./:=\"'() -]{40,100}")
_SEARCHED = 300
_FEW = 8


def choose(repository: Path, depth: int) -> list[str]:
    """Five texts whose oldest stands about `depth` commits below the tips of the bare `repository`."""
    start = _commit_at(repository, depth)
    commits = git(
        repository, "rev-list", "--reverse", "--topo-order", "--no-merges", f"{start}^!", f"{start}..HEAD"
    )
    names = git(repository, "log", "--format=", "--name-only", "--no-merges", "--no-renames", "HEAD")
    changes = Counter(names.split("\n"))
    texts: list[str] = []
    for commit in commits.split("\n")[:_SEARCHED]:
        if len(texts) < 4 and (line := _seldom_changed_line(repository, commit, changes)):
            texts.append(line)
    subject = git(repository, "log", "-1", "--format=%s", commits.split("\n")[0])
    return [*texts, subject]


def _commit_at(repository: Path, depth: int) -> str:
    """The commit on the main line of which about `depth` commits descend."""
    line = git(repository, "rev-list", "--first-parent", "HEAD").split("\n")
    low, high = 0, len(line) - 1
    while low < high:
        middle = (low + high) // 2
        if _descendants(repository, line[middle]) < depth:
            low = middle + 1
        else:
            high = middle
    return line[low]


def _descendants(repository: Path, commit: str) -> int:
    return int(git(repository, "rev-list", "--count", "--ancestry-path", "--all", f"^{commit}"))


def _seldom_changed_line(repository: Path, commit: str, changes: Counter[str]) -> str:
    seldom = False
    for line in git(repository, "show", "--format=", "--unified=0", commit).split("\n"):
        if line.startswith("+++ "):
            seldom = changes[line.removeprefix("+++ b/")] <= _FEW
        elif seldom and line.startswith("+") and _LINE.fullmatch(text := line[1:].strip()):
            return text
    return ""
