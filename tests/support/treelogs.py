"""Histories made at random, in which entries of all kinds come, change, and go, and branches meet."""

from __future__ import annotations

import random
from collections.abc import Iterator

# Names that sort in a way of their own where one of them is a directory, and plain ones.
_TRICKY = ("a", "a.b", "a-b", "a0", "ab", "a/x", "a/y.c", "a.b/z", "d/e/f", "d/e/g.txt", "d/e", "d", "z")
_PLAIN = tuple(f"dir{n % 3}/file-{n:03}" for n in range(40)) + tuple(f"file-{n:03}" for n in range(40))
_KINDS = ("100644", "100644", "100644", "100755", "120000", "160000")


class RandomHistory:
    """The commits of a `git fast-import` stream, on a few branches, some without a parent."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._tips: dict[str, int] = {}
        self._states: dict[int, dict[str, str]] = {}
        self._marks = 0

    def stream(self, commits: int) -> bytes:
        """A stream of so many commits."""
        return "".join(part for _ in range(commits) for part in self._commit()).encode()

    def _commit(self) -> Iterator[str]:
        chance = self._chance
        self._marks += 1
        branch = chance.choice(("main", "main", "side", "third", "orphan"))
        yield f"commit refs/heads/{branch}\nmark :{self._marks}\n"
        # Dates go back now and then, as they do where machines disagree.
        seconds = self._marks * 60 - chance.randrange(200) + 1000
        yield f"committer A {chance.choice('xyzü')} <a@b> {seconds} +0130\n"
        yield "data 7\nmessage\n"
        parents = [self._tips[branch]] if branch in self._tips else []
        others = [tip for name, tip in self._tips.items() if name != branch]
        if others and chance.random() < 0.35:
            parents += chance.sample(others, min(len(others), chance.choice((1, 1, 1, 2, 3))))
        files = dict(self._states[parents[0]]) if parents else {}
        if parents:
            yield f"from :{parents[0]}\n"
            yield from (f"merge :{one}\n" for one in parents[1:])
        for path in [*files] if len(parents) > 1 else ():
            theirs = self._states[chance.choice(parents)].get(path)
            if theirs != files[path] and chance.random() < 0.7:
                yield from self._set(files, path, theirs)
        for _ in range(chance.choice((0, 1, 1, 2, 5))):
            path = chance.choice(_TRICKY if chance.random() < 0.4 else _PLAIN)
            gone = path in files and chance.random() < 0.3
            yield from self._set(files, path, None if gone else self._value())
        yield "\n"
        self._tips[branch] = self._marks
        self._states[self._marks] = files

    def _value(self) -> str:
        kind = self._chance.choice(_KINDS)
        if kind == "160000":
            return f"{kind} {self._chance.randrange(3) + 1:040x}"
        return f"{kind} {self._chance.randrange(12)}"

    def _set(self, files: dict[str, str], path: str, value: str | None) -> Iterator[str]:
        """Change one file. What is below it, or above, goes as git has it go."""
        for other in [*files]:
            if other == path or other.startswith(f"{path}/") or path.startswith(f"{other}/"):
                del files[other]
                yield f"D {other}\n"
        if value is not None:
            files[path] = value
            kind, what = value.split(" ")
            yield f"M {kind} {what} {path}\n" if kind == "160000" else _inline(kind, what, path)


def _inline(kind: str, what: str, path: str) -> str:
    text = f"text {what}"
    return f"M {kind} inline {path}\ndata {len(text)}\n{text}\n"
