"""The index: what the next commit would hold, not what lies on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

from secopskit.errors import GitError
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.git.objects.lasting import Content, read_each
from secopskit.git.process import Begun
from secopskit.git.repository import Repository
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple
from secopskit.sources.content import as_blob

_HUNK: Final = LazyRegex(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_SUBMODULE: Final = "160000"
_REGULAR: Final = ":100"
_KEPT: Final = "ACMRT"
_LIST: Final = ("diff", "--cached", "--raw", "-z", "--no-abbrev", "-M", "--no-ext-diff")


class _Change(NamedTuple):
    """One staged path: its new content, and the old one it is compared with (None: there is none).

    `is_new` tells that HEAD has no file of that name; `before` is the object that it has under it, if it
    is a regular file, else "". `kept` tells that the path is still there. `names` are all that it has or had.
    """

    path: str
    mode: str
    oid: str
    old_oid: str | None
    is_new: bool
    before: str
    kept: bool
    names: tuple[str, ...]


class StagedSource:
    """The staged content of every path that differs from HEAD; only added lines count.

    In a merge, a line counts only if no merged parent has it: the commits that brought it
    were checked on their own. Archives and keystores are given as they are. `meanwhile` is called while git
    begins to read.
    """

    def __init__(
        self, repository: Repository, *, limit: int, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        self._repository = repository
        self._limit = limit
        self._meanwhile = meanwhile
        self._changes: dict[str, _Change] | None = None
        self._added: dict[str, frozenset[int] | None] = {}
        self._begun: Begun | None = None
        self.limits: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """See `Source.target`."""
        return "staged changes"

    @property
    def changes(self) -> dict[str, _Change]:
        """The staged paths, deletions left out. Raises GitError."""
        if self._changes is None:
            self._changes = {change.path: change for change in self._all if change.kept}
        return self._changes

    @cached_property
    def _all(self) -> tuple[_Change, ...]:
        begun, self._begun = self._begun or self._repository.begin(*_LIST), None
        return tuple(_parse_raw(begun.output()))

    def begin(self) -> None:
        """Have git list the changes while we do something else. Raises GitError."""
        self._begun = self._repository.begin(*_LIST)

    @property
    def touched(self) -> frozenset[str]:
        """All names that the commit would touch, whether they are scanned or go away. Raises GitError."""
        return frozenset(name for change in self._all for name in change.names)

    @property
    def replaced(self) -> frozenset[str]:
        """The names of HEAD at which the index has another file, or none. Raises GitError."""
        return self.touched - {change.path for change in self._all if change.is_new}

    @property
    def in_head(self) -> dict[str, str]:
        """The objects that HEAD has at the staged paths; "" for what is no regular file there."""
        return {change.path: change.before for change in self.changes.values()}

    def restrict(self, paths: Sequence[str]) -> None:
        """Scan only these of the staged paths; all of them if there are none."""
        if paths:
            self._changes = {path: change for path, change in self.changes.items() if path in set(paths)}

    def adds(self, path: str) -> bool:
        """Whether `path` is a new file, all lines of which the commit adds unless it is a merge."""
        change = self.changes.get(path)
        return change is not None and change.is_new and change.old_oid is None

    def brings_name(self, path: str) -> bool:
        """See `Source.brings_name`."""
        return self.changes[path].is_new

    def blobs(self) -> Iterator[Blob | Skipped]:
        """See `Source.blobs`."""
        paths: dict[str, list[str]] = {}
        for change in self.changes.values():
            if change.mode == _SUBMODULE:
                yield Skipped(path=change.path, reason=SkipReason.SUBMODULE)
            else:
                paths.setdefault(change.oid, []).append(change.path)
        for content in self._contents(list(paths)) if paths else ():
            for path in paths[content.oid]:
                if content.size is None or content.data is not None:
                    yield _blob(path, content)
                else:
                    yield from self._parts(path, content.oid)

    def _contents(self, oids: Sequence[str]) -> Iterator[Content]:
        return read_each(self._repository, oids, limit=self._limit, meanwhile=self._meanwhile)

    def _parts(self, path: str, oid: str) -> Iterator[Blob | Skipped]:
        from secopskit.sources.windows import windows  # seldom wanted

        try:
            with self._repository.stream("cat-file", "blob", oid) as output:
                yield from windows(path, output.read, oid)
        except GitError:
            yield Skipped(path=path, reason=SkipReason.UNREADABLE, detail=oid)

    def counts(self, path: str, first: int, last: int) -> bool:
        """See `Source.counts`."""
        if path not in self.changes:  # a place in a name, see `brings_name`, or in an archive
            return "!" not in path or self._counts_inside(path, first, last)
        if path not in self._added:
            self._added[path] = self._added_lines(self.changes[path])
        added = self._added[path]
        return added is None or any(line in added for line in range(first, last + 1))

    def _counts_inside(self, path: str, first: int, last: int) -> bool:
        """The same for a member of an archive: whether the archive had none of these lines before."""
        from secopskit.formats.archives.member_paths import outer_paths
        from secopskit.sources.binaries import new_member_lines

        change = next((self.changes[outer] for outer in outer_paths(path) if outer in self.changes), None)
        if change is None:
            return True
        if path not in self._added:
            older = [oid for oid in (change.old_oid, *self._merged(change.path)) if oid]
            read = list(read_each(self._repository, [change.oid, *older], limit=self._limit))
            new, *before = (one.data or b"" for one in read)
            known = [new_member_lines(path, change.path, new, old) for old in before]
            self._added[path] = frozenset.intersection(*known) if known else None
        added = self._added[path]
        return added is None or any(line in added for line in range(first, last + 1))

    def _added_lines(self, change: _Change) -> frozenset[int] | None:
        """The numbers of the lines that the commit would add; None for all of them."""
        older = [change.old_oid, *self._merged(change.path)]
        try:
            known = [self._new_lines(oid, change.oid) for oid in older if oid]
        except GitError:  # an old version cannot be read: nobody can say that a line was there before
            return None
        return frozenset.intersection(*known) if known else None

    def _merged(self, path: str) -> list[str]:
        """The blobs that the commits being merged have at `path`."""
        file = os.path.join(self._repository.git_dir, "MERGE_HEAD")
        try:
            with open(file, encoding="ascii", errors="replace") as heads:
                commits = heads.read().split()
        except OSError:
            return []
        git, question = self._repository, ("rev-parse", "-q", "--verify")
        names = [f"{commit}:{path}" for commit in commits]
        return [git.run(*question, name).decode().strip() for name in names if git.succeeds(*question, name)]

    def _new_lines(self, old: str, new: str) -> frozenset[int]:
        """The numbers of the lines in blob `new` that blob `old` has not."""
        if old == new:
            return frozenset()
        options = ("-U0", "--inter-hunk-context=0", "--text", "--no-color", "--no-ext-diff", "--no-textconv")
        patch = self._repository.run("diff", *options, old, new)
        lines: set[int] = set()
        for hunk in _HUNK.finditer(patch):
            first, count = int(hunk[1]), int(hunk[2] or b"1")
            lines.update(range(first, first + count))
        return frozenset(lines)


def _blob(path: str, content: Content) -> Blob | Skipped:
    if content.data is not None:
        return as_blob(path, content.data, content.oid, binaries=True)
    if content.damaged:
        return Skipped(path=path, reason=SkipReason.UNREADABLE, detail=content.oid)
    return Skipped(path=path, reason=SkipReason.MISSING_OBJECT, detail=content.oid)


def _parse_raw(listing: bytes) -> Iterator[_Change]:
    """The entries of `git diff --raw -z`: `:modes oids status`, then one path, or two if moved."""
    fields = iter(listing.split(b"\0"))
    for head in fields:
        if not head:
            return
        old_mode, mode, old_oid, oid, status = head.decode("ascii").split(" ")
        names = [path := next(fields)]
        if status[0] in "RC":
            path = next(fields)
            names.append(path)
        moved_or_changed = old_oid.strip("0") != ""
        is_new = status[0] in "ARC"
        yield _Change(
            path=os.fsdecode(path),
            mode=mode,
            oid=oid,
            old_oid=old_oid if moved_or_changed else None,
            is_new=is_new,
            before="" if is_new or not old_mode.startswith(_REGULAR) else old_oid,
            kept=status[0] in _KEPT,
            names=tuple(map(os.fsdecode, names)),
        )
