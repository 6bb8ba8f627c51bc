"""What a scan is asked for, and the source or the selection of objects that answers it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias, assert_never

from secopskit.errors import UsageError
from secopskit.scan.session import ScanSession

if TYPE_CHECKING:
    from secopskit.findings import ScanResult
    from secopskit.git.repository import Repository
    from secopskit.scan.history.selection import Selection
    from secopskit.sources.interface import Source


class FilesRequest(NamedTuple):
    """Files and directories; a directory of a repository stands for its tracked files and new ones."""

    paths: tuple[str, ...] = ()
    submodules: bool = False


class StreamRequest(NamedTuple):
    """What can be read from a stream, judged as a file called `name`."""

    stream: BinaryIO
    name: str


class StagedRequest(NamedTuple):
    """What the next commit would add."""


class HistoryRequest(NamedTuple):
    """Every object of the repository, or what the commits `revisions` (`A..B`) bring."""

    revisions: str | None = None
    cache: bool = True


Request: TypeAlias = FilesRequest | StreamRequest | StagedRequest | HistoryRequest


def scan_requested(
    session: ScanSession, request: Request, *, progress: Callable[[int], None] | None = None
) -> ScanResult:
    """Scan what `request` asks for. `progress` is told bytes read. Raises SecopsError."""
    match request:
        case HistoryRequest():
            selection = select(session, request)
            purpose = "scanning its history"
            return session.scan_commits(selection, purpose=purpose, progress=progress, cache=request.cache)
        case FilesRequest() | StreamRequest() | StagedRequest():
            return session.scan(choose_source(session, request), progress=progress)
        case _:
            assert_never(request)


def select(session: ScanSession, request: HistoryRequest) -> Selection:
    """The objects that `request` means. Raises UsageError where git knows no such commits."""
    from secopskit.scan.history.selection import WHOLE_HISTORY, commits_of

    if request.revisions is None:
        return WHOLE_HISTORY
    return commits_of(session.require_repository("scanning its history"), request.revisions)


def choose_source(session: ScanSession, request: FilesRequest | StreamRequest | StagedRequest) -> Source:
    """The source of the content that `request` means. Raises UsageError where there is none."""
    match request:
        case StreamRequest():
            from secopskit.sources.files import StdinSource

            return StdinSource(request.stream, path=request.name, limit=session.limit)
        case StagedRequest():
            from secopskit.sources.staged import StagedSource

            return StagedSource(session.require_repository("--staged"), limit=session.limit)
        case FilesRequest():
            return _work_tree(session, request) or _files(session, request)
        case _:
            assert_never(request)


def _work_tree(session: ScanSession, request: FilesRequest) -> Source | None:
    """The part of a work tree that is meant, if one is."""
    repository = session.repository
    if not repository or not repository.work_tree or len(request.paths) > 1:
        return None
    place = os.path.realpath(next(iter(request.paths), "."))
    directory = os.path.relpath(place, os.path.realpath(repository.work_tree))
    # A directory that git ignores is read as what it is when somebody names it.
    if not os.path.isdir(place) or (directory != "." and repository.ignores(directory)):
        return None
    from secopskit.sources.worktree import WorktreeSource

    return WorktreeSource(
        repository,
        limit=session.limit,
        directory="" if directory == "." else directory,
        submodules=request.submodules,
    )


def _files(session: ScanSession, request: FilesRequest) -> Source:
    from secopskit.sources.files import FilesSource

    repository = session.repository
    if repository and not repository.work_tree and len(request.paths) <= 1:
        raise UsageError(
            f"{session.root}: a bare repository has no work tree", advice="Scan it with --history."
        )
    return FilesSource(request.paths or (".",), root=str(session.root), limit=session.limit)


def scan_pushed(
    session: ScanSession, revisions: tuple[str, ...], *, heeds_comments: bool = True
) -> ScanResult:
    """Scan what a push brings: the objects that `revisions` reach. Raises SecopsError.

    They may lie in git's quarantine and be gone afterwards, so nothing is kept of the scan.
    """
    from secopskit.scan.history.selection import Selection

    return session.scan_commits(
        Selection(revisions=revisions, everything=False, words="pushed commits"),
        purpose="checking a push",
        cache=False,
        heeds_comments=heeds_comments,
    )


def choose_for_commit(session: ScanSession, files: Sequence[str]) -> Source:
    """What a commit hook is asked about. Raises GitError, UsageError.

    Without `files`, or where all of them are staged, the index is judged by the lines that
    the commit adds; else (`pre-commit run --all-files`) the files are, whole, as on disk.
    While a merge is committed, the framework also names files that end as one side had them.
    """
    from secopskit.sources.staged import StagedSource

    repository = session.require_repository("a commit hook")
    staged = StagedSource(repository, limit=session.limit)
    names = [_name(file, str(session.root)) for file in files]
    if all(name in staged.changes for name in names) or _commits_merge(repository):
        staged.restrict(names)
        return staged
    from secopskit.sources.files import FilesSource

    # A submodule is a repository of its own, with hooks of its own.
    own = [file for file in files if not os.path.lexists(os.path.join(file, ".git"))]
    return FilesSource(own, root=str(session.root), limit=session.limit)


def _commits_merge(repository: Repository) -> bool:
    """Whether `git commit` runs us (it always names its index) to conclude a merge."""
    merging = os.path.lexists(os.path.join(repository.git_dir, "MERGE_HEAD"))
    return merging and "GIT_INDEX_FILE" in repository.environ


def _name(file: str, root: str) -> str:
    return os.path.relpath(os.path.abspath(file), root).replace(os.sep, "/")
