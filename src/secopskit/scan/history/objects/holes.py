"""What lacks in a history: objects that it leads to and that are missing, or that cannot be read.

git's log ends where it meets such a hole. Here it is led around all of them, so that what is there gets its
names and dates, and each hole is told.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import closing, contextmanager
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.findings import SkipReason
from secopskit.git.history.log import Log
from secopskit.git.objects.bulk import BulkReader, Entry
from secopskit.git.objects.object_id import object_id
from secopskit.git.objects.tree import entries
from secopskit.git.refs import plain_view
from secopskit.git.repository import Repository
from secopskit.git.worktrees import with_variables
from secopskit.named_tuple import NamedTuple
from secopskit.scan.history.objects.selection import lines
from secopskit.scan.history.reading.packed import PackedHistory

_HEAD: Final = re.compile(rb"\Atree ([0-9a-f]+)\n((?:parent [0-9a-f]+\n)*)")
_NO_BLOB: Final = re.compile(rb"^(?!blob )(\S+) (\S+)$", re.MULTILINE)
_PROMISED: Final = ("rev-list", "--objects", "--missing=print", "--quiet", "--all", "--reflog")
_MANY: Final = 2000
_MOST_HOLES: Final = 200
_MOST_TREES: Final = 100_000


def lacking_blobs(
    repository: Repository, brought: IO[bytes], irregular: Set[str], packed: PackedHistory | None = None
) -> dict[str, SkipReason]:
    """Those of the blobs in the file `brought` (an id a line) that are not there, or are no blobs.

    git is not asked about those in `packed`, nor about `irregular` ones: at these it would end.
    Raises GitError.
    """
    brought.seek(0)
    if not irregular and not packed:
        return _lacking(repository, brought)
    oids = packed.no_blobs(brought.read().decode()) if packed else {line.strip().decode() for line in brought}
    with tempfile.TemporaryFile() as others:
        others.write(_lines(sorted(oids - irregular)))
        others.seek(0)
        return _lacking(repository, others) | dict.fromkeys(oids & irregular, SkipReason.UNREADABLE)


def _lacking(repository: Repository, oids: IO[bytes]) -> dict[str, SkipReason]:
    found = dict[str, SkipReason]()
    words = ("cat-file", "--batch-check=%(objecttype) %(objectname)", "--buffer")
    with repository.stream(*words, stdin=oids) as output:
        rest = b""
        while block := output.read(1 << 18):
            whole, _, rest = (rest + block).rpartition(b"\n")
            for one, other in _NO_BLOB.findall(whole):
                if other != b"missing":
                    found[other.decode()] = SkipReason.UNREADABLE  # of another kind than the tree says
                elif one.strip(b"0"):
                    found[one.decode()] = SkipReason.MISSING_OBJECT
    return found


def unfetched(brought: IO[bytes], there: Set[str]) -> Iterator[str]:
    """Those of the blobs in the file `brought` (an id a line) that a partial clone does not have."""
    brought.seek(0)
    for line in brought:
        oid = line[:-1].decode()
        if oid not in there and oid.strip("0"):
            yield oid


def promised(repository: Repository) -> Iterator[str]:
    """The ids of the objects that a partial clone has not fetched, as far as what it has leads to them.

    Nothing where the history as such has holes. Raises GitError.
    """
    view = plain_view(repository)
    try:
        with view.stream(
            "rev-list", "--objects", "--missing=print", "--quiet", "--all", "--reflog"
        ) as output:
            for line in lines(output):
                if line.startswith(b"?"):
                    yield line[1:].decode()
    except GitError:
        return


def lacking_tips(repository: Repository) -> dict[str, str]:
    """The objects that refs name and that cannot be read, and what to call them. Raises GitError."""
    named = dict[str, str]()
    listing = repository.run("for-each-ref", "--format=%(objectname) %(refname)")
    for line in os.fsdecode(listing).splitlines():
        oid, name = line.split(" ", 1)
        named.setdefault(oid, name)
    kept = {entry.oid for entry, _ in _sound(repository, named)}
    return {oid: f"<object of {name}>" for oid, name in named.items() if oid not in kept}


class Listed(NamedTuple):
    """Something in the tree of a commit, with its path. A tree's path ends in a slash."""

    commit: str
    oid: str
    path: str
    is_tree: bool = False
    is_lacking: bool = False


class _CommitLinks(NamedTuple):
    tree: str
    parents: tuple[str, ...]


class LogAroundHoles:
    """The log of all commits that are there and can be read, past what lacks.

    `lacking` are the commits that are not there. git sees the others, in `view`, as if they had no such
    parents; `directory` is one for a file that says so.
    """

    def __init__(self, repository: Repository, commits: Sequence[str], directory: str) -> None:
        self._repository = repository
        self._links = _links(repository, commits)
        boundary = _boundary(repository)
        links = {oid: link for oid, link in self._links.items() if oid not in boundary}
        absent = {parent for link in links.values() for parent in link.parents if parent not in self._links}
        self.lacking = sorted({*absent, *(oid for oid in commits if oid not in self._links)})
        grafts = os.path.join(directory, "grafts")
        self.view = with_variables(plain_view(repository), GIT_GRAFT_FILE=grafts)
        with open(grafts, "w", encoding="ascii") as file:
            for oid, link in links.items():
                left = [parent for parent in link.parents if parent in self._links]
                if len(left) != len(link.parents):
                    file.write(" ".join((oid, *left)) + "\n")
        listing = self.view.run("rev-list", "--topo-order", "--stdin", stdin=_lines(self._links))
        self._commits = listing.decode().split()

    def read(self, read: Callable[[Log], int]) -> list[str]:
        """Have the log read; `read` says of how many commits it tells. Returns those that it does not."""
        left, stopped = self._commits, list[str]()
        while left and len(stopped) < _MOST_HOLES:
            with self.log_of(left, "-c") as log:
                told = read(log)
            stopped += left[told : told + 1]
            left = left[told + 1 :]
        return [*stopped, *left]

    @contextmanager
    def log_of(self, commits: Sequence[str], how: str = "-s") -> Iterator[Log]:
        """The log of these commits, one after the other; with `-s` (see `Log`) of them alone."""
        with tempfile.TemporaryFile() as tips:
            tips.write(_lines(commits))
            tips.seek(0)
            with closing(Log(self.view, how, "--no-walk=unsorted", "--stdin", stdin=tips)) as log:
                yield log

    def listed(self, commits: Sequence[str]) -> Iterator[Listed]:
        """What `commits` hold, each as a whole, as far as it can be read, and the trees that cannot."""
        left = _MOST_TREES
        for commit in commits[:_MOST_HOLES]:
            for one in _listed(self._repository, commit, self._links[commit].tree, left):
                left -= one.is_lacking or one.is_tree
                yield one


def _links(repository: Repository, commits: Sequence[str]) -> dict[str, _CommitLinks]:
    """What the commits that can be read link to."""
    links = dict[str, _CommitLinks]()
    for start in range(0, len(commits), _MANY):
        for entry, data in _sound(repository, commits[start : start + _MANY]):
            if head := _HEAD.match(data):
                links[entry.oid] = _CommitLinks(head[1].decode(), tuple(head[2].decode().split()[1::2]))
    return links


def _sound(repository: Repository, oids: Iterable[str]) -> Iterator[tuple[Entry, bytes]]:
    """Those of the objects that can be read, and whose content is that of their id. Raises GitError."""
    with closing(BulkReader(repository)) as reader:
        for batch in reader.each(_lines(oids)):
            with batch.data:
                for entry in batch.entries():
                    data = bytes(batch.data[entry.start : entry.end])
                    if object_id(repository.object_format, entry.kind, data).hex() == entry.oid:
                        yield entry, data


def _boundary(repository: Repository) -> frozenset[str]:
    """The commits of a shallow clone whose parents are not meant to be there."""
    try:
        with open(os.path.join(repository.common_dir, "shallow"), encoding="ascii", errors="replace") as file:
            return frozenset(file.read().split())
    except OSError:
        return frozenset()


def _lines(oids: Iterable[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()


def _listed(repository: Repository, commit: str, root: str, most: int) -> Iterator[Listed]:
    """What stands at and below the tree `root`, of which at most some `most` trees are read."""
    width = 20 if repository.object_format == "sha1" else 32
    level, seen = {root: ""}, {root}
    while level and len(seen) < most:
        below, found = dict[str, str](), set[str]()
        for entry, data in _sound(repository, level):
            if entry.kind != "tree":
                continue
            found.add(entry.oid)
            for one in entries(data, width):
                oid, path = one.oid.hex(), f"{level[entry.oid]}{os.fsdecode(one.name)}"
                if not one.is_tree:
                    yield Listed(commit, oid, path)
                elif oid not in seen:
                    below[oid] = f"{path}/"
                    seen.add(oid)
            yield Listed(commit, entry.oid, level[entry.oid] or "/", is_tree=True)
        for oid, path in level.items():
            if oid not in found:
                yield Listed(commit, oid, path or "/", is_lacking=True)
        level = below
