"""Where else the content of a removed file stands: under earlier and later names of it, and as copies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from secopskit.git.history.introductions import graph_with
from secopskit.git.objects.lasting import reading
from secopskit.git.refs import peel, plain_view, read_refs, read_tags
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.purge.find.drops import blobs_at_each, head_blobs, removed_blobs
from secopskit.purge.find.paths import DropSet
from secopskit.purge.find.renames import FileRenames
from secopskit.purge.model import Drop

_SMALLEST: Final = 4


class PathElsewhere(NamedTuple):
    """A path that is not removed, and at which content stands that is.

    `renamed` tells that it is another name that the file once had or got; else only those versions of it are
    the same that are in `blobs`.
    """

    path: str
    blobs: frozenset[str]
    renamed: bool


class Elsewhere(NamedTuple):
    """The other paths of what is removed. If `unsure`, a name may lack: see `FileRenames`."""

    paths: tuple[PathElsewhere, ...]
    unsure: bool = False


def elsewhere(repository: Repository, drops: Sequence[Drop]) -> Elsewhere:
    """The other paths of what `drops` remove, in any commit that a ref leads to. Raises GitError."""
    renames = FileRenames(repository)
    return Elsewhere(_other_paths(repository, drops, renames, settled=drops), renames.unsure)


def followed(repository: Repository, drops: Sequence[Drop], *, keep_head: bool) -> tuple[Drop, ...]:
    """The drops, and those of everything that stands elsewhere, of that again, and so on. Raises GitError."""
    every, renames = {drop.path: drop for drop in drops}, FileRenames(repository)
    while True:
        # At the path of a copy there may be another, of what another name of the file had.
        whole = [drop for drop in every.values() if not drop.copies]
        found = _other_paths(repository, tuple(every.values()), renames, settled=whole)
        more = _drops(repository, found, keep_head=keep_head)
        new = {drop.path: drop for drop in more if every.get(drop.path) != drop}
        if not new:
            return tuple(every.values())
        every |= new


def _other_paths(
    repository: Repository, drops: Sequence[Drop], renames: FileRenames, *, settled: Iterable[Drop]
) -> tuple[PathElsewhere, ...]:
    """The other paths; copies at the paths of those drops that are `settled` are none."""
    if not drops:
        return ()
    going, settled_paths = DropSet(drops), DropSet(settled)
    named = (path for path in renames.other_names(drop.path for drop in drops) if not going.covers(path))
    found = {path: PathElsewhere(path, frozenset(), renamed=True) for path in named}
    for path, blobs in _copies(repository, _told_apart(repository, drops)).items():
        if path not in found and not settled_paths.covers(path):
            found[path] = PathElsewhere(path, frozenset(blobs), renamed=False)
    return tuple(found[path] for path in sorted(found))


def _drops(repository: Repository, found: Sequence[PathElsewhere], *, keep_head: bool) -> Iterator[Drop]:
    paths = [one.path for one in found]
    in_head = head_blobs(repository, paths) if keep_head else {}
    ever = blobs_at_each(repository, [one.path for one in found if not one.renamed])
    for one in found:
        others = frozenset[str]() if one.renamed else ever[one.path] - one.blobs
        keep = in_head.get(one.path, frozenset()) | others
        yield Drop(path=one.path, keep=keep, copies=not one.renamed)


def _told_apart(repository: Repository, drops: Iterable[Drop]) -> frozenset[str]:
    """The blobs that go, without those that are too small to say anything: empty files are all the same."""
    gone = removed_blobs(repository, drops)
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
