"""Facts about a repository, off the hook's path: settings, branches, tracked and changed files, the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secopskit.errors import GitError
from secopskit.git.gitpython import opened
from secopskit.git.repository import Repository

if TYPE_CHECKING:
    from git import Git, Repo

_BATCH = 500  # names fit into a command line
_BRANCHES = "--format=%(refname:lstrip=2)%00%(objectname)%00%(upstream)%00%(worktreepath)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchFact:
    """A local branch. `upstream` is the ref it follows, `work_tree` where it is checked out; else empty."""

    name: str
    head: str
    upstream: str
    work_tree: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """A file as the index has it: its mode in octal, the id of its content, and its path.

    `assumed` tells that git does not look whether the file has changed, `skipped` that it leaves it alone.
    """

    mode: str
    oid: str
    path: str
    assumed: bool = False
    skipped: bool = False


class RepositoryFacts:
    """What a repository tells about itself. Each method raises GitError."""

    def __init__(self, repository: Repository) -> None:
        self._repo: Repo = opened(repository)

    def values(self, name: str, *, kind: str = "") -> tuple[str, ...]:
        """All values of a setting, the one that counts last; our own settings, for safety, are passed over.

        `kind` is a type of `git config --type`, such as `path`.
        """
        words = ("--type", kind) if kind else ()
        return tuple(
            value for scope, value in self._settings(*words, "--get-all", name) if scope != "command"
        )

    def names(self, pattern: str) -> tuple[str, ...]:
        """The names of the settings that match a regular expression, each once."""
        found = (name for _, name in self._settings("--name-only", "--get-regexp", pattern))
        return tuple(dict.fromkeys(found))

    def branches(self) -> tuple[BranchFact, ...]:
        """The local branches."""
        lines = self._repo.git.for_each_ref(_BRANCHES, "refs/heads/").splitlines()
        fields = (line.split("\0") for line in lines)
        return tuple(
            BranchFact(name=name, head=head, upstream=upstream, work_tree=work_tree)
            for name, head, upstream, work_tree in fields
        )

    def tracked(self, *paths: str) -> tuple[str, ...]:
        """The files in the index, those at or below `paths` if there are any."""
        return tuple(dict.fromkeys(_fields(self._repo.git.ls_files("-z", "--cached", "--", *paths))))

    def uncommitted(self) -> tuple[str, ...]:
        """The files that differ from the last commit, and those unknown to git and not ignored."""
        words = ("--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty")
        return tuple(entry[3:] for entry in _fields(self._unfiltered().status(*words)))

    def untrack(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Take files out of the index, and leave them where they are; the names of those that were in it."""
        tracked = set(self.tracked())
        names = [path for path in dict.fromkeys(paths) if path in tracked]
        for start in range(0, len(names), _BATCH):
            self._unfiltered().update_index("--force-remove", "--", *names[start : start + _BATCH])
        return tuple(names)

    def entries(self, *paths: str) -> tuple[IndexEntry, ...]:
        """The files in the index at or below `paths` (all, without any), but for those in conflict."""
        words = ("-z", "-v", "--stage", "--")
        told = dict.fromkeys(
            line for part in _parts(paths) for line in _fields(self._repo.git.ls_files(*words, *part))
        )
        found = (line.partition("\t") for line in told)
        split = ((*head.split(" "), path) for head, _, path in found)
        # The tag is in lower case for what is assumed unchanged, an S for what is skipped.
        return tuple(
            IndexEntry(mode=mode, oid=oid, path=path, assumed=tag.islower(), skipped=tag in {"S", "s"})
            for tag, mode, oid, stage, path in split
            if stage == "0"
        )

    def half_staged(self, *paths: str) -> tuple[str, ...]:
        """Those of the files whose content in the index is neither the last commit's nor the file's own."""
        words = ("--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=all")
        git = self._unfiltered()
        told = [line for part in _parts(paths) for line in _fields(git.status(*words, "--", *part))]
        return tuple(line[3:] for line in told if line[0] in "AM" and line[1] == "M")

    def retrack(self, entries: Iterable[IndexEntry]) -> None:
        """Put files back into the index as they were in it."""
        entries = tuple(entries)
        words = [f"{entry.mode},{entry.oid},{entry.path}" for entry in entries]
        for start in range(0, len(words), _BATCH):
            cached = [word for each in words[start : start + _BATCH] for word in ("--cacheinfo", each)]
            self._unfiltered().update_index("--add", *cached)
        self._mark("--assume-unchanged", [entry.path for entry in entries if entry.assumed])
        self._mark("--skip-worktree", [entry.path for entry in entries if entry.skipped])

    def _mark(self, mark: str, paths: list[str]) -> None:
        for start in range(0, len(paths), _BATCH):
            self._unfiltered().update_index(mark, "--", *paths[start : start + _BATCH])

    def _unfiltered(self) -> Git:
        """A command that looks at files, or writes the index: git would have filters look at them too.

        A filter is a program of the repository's choice, so each file counts as it lies there.
        """
        settings = self.names(r"^filter\..*\.(clean|smudge|process|required)$")
        return self._repo.git(
            c=[f"{name}={'false' if name.endswith('.required') else ''}" for name in settings]
        )

    def _settings(self, *words: str) -> list[tuple[str, str]]:
        """What `git config` tells, with the scope of each (`command` is our own)."""
        try:
            told = self._repo.git.config("--show-scope", "--null", *words)
        except GitError:  # there is no such setting
            return []
        fields = _fields(told)
        return list(zip(fields[::2], fields[1::2], strict=True))


def _parts(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    """The paths in parts that a command line holds; one without any, where there are none."""
    yield from (paths[start : start + _BATCH] for start in range(0, max(len(paths), 1), _BATCH))


def _fields(text: str) -> list[str]:
    return text.split("\0")[:-1]
