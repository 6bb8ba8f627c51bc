"""Sinks that git has: a dotenv file of the index, whose next commit would publish what is written."""

from __future__ import annotations

from collections.abc import Iterable

from secopskit.errors import GitError
from secopskit.git.repository import Repository
from secopskit.git.tracked import tracked_files
from secopskit.sink.dotenv import DotenvSink
from secopskit.sink.interface import EntryKind
from secopskit.sync.model import SyncItem
from secopskit.sync.request import SyncRequest


def tracked_sinks(request: SyncRequest, items: Iterable[SyncItem]) -> tuple[str, ...]:
    """The files that git tracks and that get, or hold, a declared secret; none outside of a repository."""
    files = {
        item.sink.path
        for item in items
        if isinstance(item.sink, DotenvSink) and item.kind is EntryKind.SECRET and item.place
    }
    if not files or request.root is None:
        return ()
    try:
        repository = Repository.open(request.root)
        return tracked_files(repository, files) if repository and repository.work_tree else ()
    except GitError:  # what can be synced without git is not kept from it by git
        return ()
