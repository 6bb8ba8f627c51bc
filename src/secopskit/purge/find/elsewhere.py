"""Where else the content of a removed file stands: under earlier and later names of it, and as copies."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from secopskit.git.history.introductions import graph_with
from secopskit.git.objects.lasting import reading
from secopskit.git.refs import peel, plain_view, read_refs, read_tags
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.purge.find.drops import blobs_at, head_blobs
from secopskit.purge.model import Drop

_MOST_NAMES: Final = 200
_MOST_COMMITS: Final = 2000
_MOST_ROUNDS: Final = 8
_SMALLEST: Final = 4
_TOUCHING: Final = ("--full-history", "--no-renames", "--diff-filter=AD", "-m", "--format=%H")
_RENAMES: Final = ("diff-tree", "--stdin", "-r", "-m", "-M", "--diff-filter=R", "--raw", "--no-abbrev", "-z")


class PathElsewhere(NamedTuple):
    """A path that is not removed, and at which content stands that is.

    `renamed` tells that it is another name that the file once had or got; else only those versions of it are
    the same that are in `blobs`.
    """

    path: str
    blobs: frozenset[str]
    renamed: bool


def elsewhere(repository: Repository, drops: Sequence[Drop]) -> tuple[PathElsewhere, ...]:
    """The other paths of what `drops` remove, in any commit that a ref leads to. Raises GitError."""
    if not drops:
        return ()
    named = [path for path in _other_names(repository, drops) if not _is_below(path, drops)]
    removed = _told_apart(repository, drops)
    found = {path: PathElsewhere(path, frozenset(), renamed=True) for path in named}
    for path, blobs in _copies(repository, removed).items():
        if path not in found and not _is_below(path, drops):
            found[path] = PathElsewhere(path, frozenset(blobs), renamed=False)
    return tuple(found[path] for path in sorted(found))


def followed(repository: Repository, drops: Sequence[Drop], *, keep_head: bool) -> tuple[Drop, ...]:
    """The drops, and those of everything that stands elsewhere, of that again, and so on. Raises GitError."""
    every = list(drops)
    for _ in range(_MOST_ROUNDS):
        more = elsewhere(repository, every)
        if not more:
            break
        every += (_drop(repository, one, keep_head=keep_head) for one in more)
    return tuple(every)


def _drop(repository: Repository, one: PathElsewhere, *, keep_head: bool) -> Drop:
    keep = head_blobs(repository, one.path) if keep_head else frozenset[str]()
    if not one.renamed:
        keep |= blobs_at(repository, (one.path,)) - one.blobs
    return Drop(path=one.path, keep=keep, copies=not one.renamed)


def _is_below(path: str, drops: Iterable[Drop]) -> bool:
    return any(path == drop.path or path.startswith(drop.path + "/") for drop in drops)


def _told_apart(repository: Repository, drops: Iterable[Drop]) -> frozenset[str]:
    """The blobs that go, without those that are too small to say anything: empty files are all the same."""
    gone = {oid for drop in drops for oid in blobs_at(repository, (drop.path,)) - drop.keep}
    asked = "".join(f"{oid}\n" for oid in sorted(gone)).encode()
    lines = repository.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked).split(b"\n")
    pairs = (line.decode().split(" ") for line in lines if line.count(b" ") == 1)
    return frozenset(oid for oid, size in pairs if size.isdigit() and int(size) >= _SMALLEST)


def _copies(repository: Repository, blobs: Collection[str]) -> dict[str, set[str]]:
    """The paths at which these blobs stand in some commit, each with those of them that it had."""
    if not blobs:
        return {}
    view = plain_view(repository)
    refs = read_refs(view)
    with reading(view) as reader:
        tags = read_tags(reader, refs.refs)
    ends = (peel(ref, tags) for ref in refs.refs)
    tips = [*(end.oid for end in ends if end.kind == "commit"), *refs.stash]
    found = dict[str, set[str]]()
    for oid, paths in graph_with(view, tips, blobs)[1].paths.items():
        for path in paths:
            found.setdefault(path, set()).add(oid)
    return found


def _other_names(repository: Repository, drops: Iterable[Drop]) -> list[str]:
    """The names that the files had before and after, as far as git recognises renames."""
    known = dict.fromkeys(drop.path for drop in drops)
    asked = list(known)
    while asked and len(known) < _MOST_NAMES:
        pairs = list(_renames(repository, asked))
        nearby = [
            *(old for old, new in pairs if _is_at(new, asked)),
            *(new for old, new in pairs if _is_at(old, asked)),
        ]
        asked = [path for path in dict.fromkeys(nearby) if path not in known]
        known.update(dict.fromkeys(asked))
    return list(known)


def _is_at(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)


def _renames(repository: Repository, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The renames in the commits that bring or take away something at `paths`."""
    literal = [f":(top,literal){path}" for path in paths]
    commits = dict.fromkeys(repository.run("log", "--all", *_TOUCHING, "--", *literal).split())
    asked = b"".join(oid + b"\n" for oid in list(commits)[:_MOST_COMMITS])
    fields = iter(repository.run(*_RENAMES, stdin=asked).split(b"\0"))
    for field in fields:
        if b" R" in field[-6:] and field.startswith(b":"):
            yield os.fsdecode(next(fields)), os.fsdecode(next(fields))
