"""From events to provenance: for one secret in one file, its first and its last commit."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import IO, Final

from secopskit.findings import Provenance
from secopskit.git.bounded import GitChild
from secopskit.git.history.events import Commit, Event, Refs
from secopskit.git.repository import Repository

_MAX_QUESTIONS: Final = 32_768
_MAX_ODD_QUESTIONS: Final = 64
_MANY_QUESTIONS: Final = 1000  # are worth another process


class Tips:
    """Which blob each ref holds at some paths, asked for all at once, the foremost refs first."""

    def __init__(self, repository: Repository, refs: Refs, paths: Sequence[str]) -> None:
        self._held: dict[tuple[str, str], int] = {}
        commit_of = {bit: commit for commit, mask in refs.tips.items() for bit in _bits(mask)}
        bits = sorted(commit_of, key=lambda bit: _importance(refs.names[bit]))
        self._commits = list(dict.fromkeys(commit_of[bit] for bit in bits))
        for odd, ask, most in ((False, _ask, _MAX_QUESTIONS), (True, _ask_alone, _MAX_ODD_QUESTIONS)):
            fitting = [path for path in paths if ("\n" in path) is odd]
            places = islice(((rank, path) for rank in range(len(self._commits)) for path in fitting), most)
            questions = list(places)
            names = [f"{self._commits[rank]}:{path}" for rank, path in questions]
            for (rank, path), oid in zip(questions, ask(repository, names), strict=False):
                self._held.setdefault((oid, path), rank)

    def holder(self, oids: Iterable[str], path: str) -> str | None:
        """The commit at the foremost ref that still holds one of `oids` at `path`, or None."""
        ranks = [self._held[oid, path] for oid in oids if (oid, path) in self._held]
        return self._commits[min(ranks)] if ranks else None


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _importance(name: str) -> tuple[int, str]:
    order = ("HEAD", "refs/heads/", "refs/stash", "refs/remotes/", "refs/tags/")
    return next((place for place, start in enumerate(order) if name.startswith(start)), len(order)), name


def _ask_alone(repository: Repository, names: Sequence[str]) -> list[str]:
    """The objects of that name, one by one: for names that a line cannot hold."""
    known = [name for name in names if repository.succeeds("rev-parse", "-q", "--verify", name)]
    return [
        repository.run("rev-parse", "--verify", name).decode().strip() if name in known else ""
        for name in names
    ]


def _ask(repository: Repository, names: Sequence[str]) -> list[str]:
    """The objects of that name, asked of as many gits as there are cores."""
    size = max(_MANY_QUESTIONS, -(-len(names) // (os.cpu_count() or 1)))
    parts, told = [names[start : start + size] for start in range(0, len(names), size)], list[str]()
    with ExitStack() as stack:
        begun = [_begin_asking(repository, part, stack) for part in parts]
        for part, (git, answers) in zip(parts, begun, strict=True):
            git.wait()
            answers.seek(0)
            oids = [line.split(b" ")[-1].decode("ascii", "replace") for line in answers.read().split(b"\n")]
            told += (oids + [""] * len(part))[: len(part)]
    return told


def _begin_asking(
    repository: Repository, names: Sequence[str], stack: ExitStack
) -> tuple[GitChild, IO[bytes]]:
    asked = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed by `stack`
    answers = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - likewise
    asked.writelines(os.fsencode(name) + b"\n" for name in names)
    asked.seek(0)
    words = ("cat-file", "--batch-check=%(objectname)", "--buffer")
    # Into a file: git writes each answer that there is nothing by itself, and most say so. Where trees
    # are missing it gives up: what it said until then is true all the same.
    return repository.start(*words, stdin=asked, stdout=answers), answers


def provenance(
    oids: frozenset[str], path: str, events: Sequence[Event], refs: Refs, tips: Tips
) -> Provenance:
    """Where blobs `oids`, which all hold one secret, stood at `path`. `events` come newest first."""
    brought = [e.commit for e in events if e.brings and e.path == path]
    if not brought:
        return Provenance()
    first = max(brought, key=lambda commit: commit.age)
    gone = next((e for e in events if not e.brings and e.path == path and e.other not in oids), None)
    last, last_date = _last(brought, gone)
    holder = tips.holder(oids, path)
    mask = 0
    for commit in brought:
        mask |= commit.refs
    return Provenance(
        commit=first.oid,
        first_commit=first.oid,
        last_commit=holder or last,
        author=first.author,
        date=first.date,
        last_date=last_date,
        refs=refs.reached(mask),
        present=holder is not None,
    )


def of_messages(commits: Sequence[Commit], refs: Refs) -> Provenance:
    """Where the messages of `commits`, which all hold one secret, stand."""
    first, last = max(commits, key=lambda commit: commit.age), min(commits, key=lambda commit: commit.age)
    mask = 0
    for commit in commits:
        mask |= commit.refs
    return Provenance(
        commit=first.oid,
        first_commit=first.oid,
        last_commit=last.oid,
        author=first.author,
        date=first.date,
        last_date=last.date,
        refs=refs.reached(mask),
        present=mask != 0,
    )


def _last(brought: Sequence[Commit], gone: Event | None) -> tuple[str, str]:
    """The last commit known to hold it, and the date on which it went."""
    newest = min(brought, key=lambda commit: commit.age)
    if gone is None or gone.commit.age > newest.age:
        return newest.oid, newest.date
    return (gone.commit.parents or (newest.oid,))[0], gone.commit.date
