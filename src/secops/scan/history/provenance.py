"""From events to provenance: for one secret in one file, its first and its last commit."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence

from secops.findings import Provenance
from secops.git import Repository
from secops.scan.history.attribution import Commit, Event, Refs

_MAX_TIPS = 64
_MAX_QUESTIONS = 8192


class Tips:
    """Which blob each of the foremost refs holds at some paths, asked for all at once."""

    def __init__(self, repository: Repository, refs: Refs, paths: Sequence[str]) -> None:
        self._commits = {bit: commit for commit, mask in refs.tips.items() for bit in _bits(mask)}
        self._held: dict[tuple[str, str], list[int]] = {}
        bits = sorted(range(len(refs.names)), key=lambda bit: _importance(refs.names[bit]))[:_MAX_TIPS]
        questions = [(bit, path) for path in paths if "\n" not in path for bit in bits][:_MAX_QUESTIONS]
        for (bit, path), oid in zip(questions, _ask(repository, self._commits, questions), strict=False):
            self._held.setdefault((oid, path), []).append(bit)

    def holder(self, oids: Iterable[str], path: str) -> str | None:
        """The commit at the foremost ref that still holds one of `oids` at `path`, or None."""
        bits = [bit for oid in oids for bit in self._held.get((oid, path), ())]
        return self._commits[bits[0]] if bits else None


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _importance(name: str) -> tuple[int, str]:
    order = ("HEAD", "refs/heads/", "refs/stash", "refs/remotes/", "refs/tags/")
    return next((place for place, start in enumerate(order) if name.startswith(start)), len(order)), name


def _ask(repository: Repository, commits: Mapping[int, str], questions: Sequence[tuple[int, str]]) -> list[str]:
    if not questions:
        return []
    with tempfile.TemporaryFile() as file:
        file.writelines(f"{commits[bit]}:".encode() + os.fsencode(path) + b"\n" for bit, path in questions)
        file.seek(0)
        with repository.stream("cat-file", "--batch-check=%(objectname)", "--buffer", stdin=file) as output:
            answer = b"".join(iter(lambda: output.read(1 << 16), b""))
    return [line.split(b" ")[-1].decode("ascii", "replace") for line in answer.split(b"\n")]


def provenance(oids: frozenset[str], path: str, events: Sequence[Event], refs: Refs, tips: Tips) -> Provenance:
    """Where blobs `oids`, which all hold one secret, stood at `path`. `events` come newest first."""
    brought = [e.commit for e in events if e.brings and e.path == path]
    if not brought:
        return Provenance()
    first = min(brought, key=lambda commit: commit.time)
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


def _last(brought: Sequence[Commit], gone: Event | None) -> tuple[str, str]:
    """The last commit known to hold it, and the date on which it went."""
    newest = max(brought, key=lambda commit: commit.time)
    if gone is None or gone.commit.time < newest.time:
        return newest.oid, newest.date
    return (gone.commit.parents or (newest.oid,))[0], gone.commit.date
