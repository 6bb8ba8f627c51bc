"""The commits that bring something in: what it is that they have and their first parent does not.

A tree that has a certain entry has it from its first parent, or the commit brought it in itself. So
the commits whose trees have the entry are all among those that brought it in and their
descendants; that holds for merges, whatever they merged, and for every root.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Final

from secops.errors import GitError
from secops.git import Repository, start
from secops.purge.commitgraph import CommitGraph

_DIFF: Final = ("diff-tree", "--stdin", "-r", "-z", "--root", "--raw", "--no-abbrev", "--no-renames")
# More ids than this do not fit into a command line; then git tells every change, and we choose.
_MOST_IDS: Final = 1000
_FEW_COMMITS: Final = 4000
_MOST_JOBS: Final = 8
_CHUNK: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Introductions:
    """The commits that bring something in, and the paths at which they do, by object id.

    For a ref that names a tree or a blob, that object is in the place of the commit.
    """

    holders: set[str] = field(default_factory=set)
    paths: dict[str, set[str]] = field(default_factory=dict)

    def note(self, holder: str, oid: str, path: str) -> None:
        """`holder` brings in the object at this path."""
        self.holders.add(holder)
        self.paths.setdefault(oid, set()).add(path)


def introduced_objects(
    view: Repository, graph: CommitGraph, oids: Collection[str], *, jobs: int = 0
) -> Introductions:
    """Where these blobs and trees come in, in any commit of `graph`. Raises GitError."""
    found = Introductions()
    if oids:
        few = len(oids) <= _MOST_IDS
        words = (f"--find-object={oid}" for oid in sorted(oids)) if few else ("-t",)
        for commit, oid, path in _changes(view, graph, tuple(words), jobs):
            if oid in oids:
                found.note(commit, oid, path)
    return found


def introduced_at(
    view: Repository, graph: CommitGraph, paths: Iterable[str], wanted: Callable[[str, str], bool]
) -> Introductions:
    """Where something comes in at or below `paths`, or anywhere without any, that `wanted` takes.

    `wanted` is asked with an object id and a path. Raises GitError.
    """
    found = Introductions()
    literal = tuple(paths)
    for commit, oid, path in _changes(view, graph, ("--", *literal) if literal else (), 1):
        if wanted(oid, path):
            found.note(commit, oid, path)
    return found


def _changes(
    view: Repository, graph: CommitGraph, words: tuple[str, ...], jobs: int
) -> Iterator[tuple[str, str, str]]:
    """Commit, new object and path of every change against the first parent that git tells of."""
    questions = [
        f"{commit} {parents[0]}\n" if parents else f"{commit}\n"
        for commit, parents in graph.parents.items()
        if not parents or graph.trees.get(parents[0]) != graph.trees[commit]
    ]
    processes = (jobs or min(os.cpu_count() or 1, _MOST_JOBS)) if len(questions) > _FEW_COMMITS else 1
    with ExitStack() as stack:
        running = [_begin(stack, view, words, part) for part in _parts(questions, processes)]
        for process, output in running:
            if process.wait() != 0:
                raise GitError("git diff-tree failed", advice="Is the repository whole? Try `git fsck`.")
            output.seek(0)
            yield from _parse(output)


def _parts(questions: Sequence[str], number: int) -> Iterator[Sequence[str]]:
    size = -(-len(questions) // number) or 1
    return (questions[at : at + size] for at in range(0, len(questions), size))


def _begin(
    stack: ExitStack, view: Repository, words: tuple[str, ...], questions: Sequence[str]
) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    asked, output = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(2))  # noqa: SIM115 - it does
    asked.write("".join(questions).encode())
    asked.seek(0)
    process = stack.enter_context(start(view, *_DIFF, *words, stdin=asked, stdout=output))
    stack.callback(_stop, process)
    return process, output


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()


def _parse(output: IO[bytes]) -> Iterator[tuple[str, str, str]]:
    commit = ""
    fields = _fields(output)
    for one in fields:
        if not one.startswith(b":"):
            commit = one.decode()
            continue
        # :<mode> <mode> <old id> <new id> <status>, then the path
        path, new = os.fsdecode(next(fields)), one.split(b" ")[3]
        if new.strip(b"0"):
            yield commit, new.decode(), path


def _fields(output: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := output.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
