"""What a scan is asked for, and the source or the selection of objects that answers it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, assert_never

from secopskit.errors import UsageError
from secopskit.named_tuple import NamedTuple
from secopskit.progress import NO_PROGRESS, Progress
from secopskit.scan.session import ScanSession

if TYPE_CHECKING:
    from secopskit.findings import ScanResult
    from secopskit.scan.history.objects.selection import Selection
    from secopskit.sources.interface import Source


class FilesRequest(NamedTuple):
    """Files and directories; a directory of a repository stands for its tracked files and new ones.

    With `follows`, somebody has named the paths, who means the directory that a link leads to.
    """

    paths: tuple[str, ...] = ()
    submodules: bool = False
    follows: bool = False


class StreamRequest(NamedTuple):
    """What can be read from a stream, judged as a file called `name`."""

    stream: BinaryIO
    name: str


class StagedRequest(NamedTuple):
    """What the next commit would add."""


class HistoryRequest(NamedTuple):
    """Every object of the repository, or what commits bring: `revisions` (`A..B`), or those since `start`."""

    revisions: str | None = None
    start: str | None = None
    cache: bool = True


Request: TypeAlias = FilesRequest | StreamRequest | StagedRequest | HistoryRequest


def scan_requested(session: ScanSession, request: Request, *, progress: Progress = NO_PROGRESS) -> ScanResult:
    """Scan what `request` asks for. Raises SecopsError."""
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
    from secopskit.scan.history.objects.selection import WHOLE_HISTORY, commits_of
    from secopskit.scan.shown_names import notice_revisions

    notice_revisions(session, request.start or request.revisions or "")
    if request.start is not None:
        from secopskit.scan.history.objects.since import since

        return since(session.require_repository("scanning its history"), request.start)
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
    source = FilesSource(
        request.paths or (".",), root=str(session.root), limit=session.limit, follows=request.follows
    )
    if repository is None and len(request.paths) <= 1:
        from secopskit.git.discovery import damaged_repository

        if git_dir := damaged_repository(session.root):
            source.limits += (
                f"{git_dir}: git takes it for no repository; its files were read as any others.",
            )
    return source
