"""The files of a commit, as git lists them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple

HEAD = "HEAD"


class CommittedFile(NamedTuple):
    """A file of a commit or tree: its path from the top of the repository, and the id of its content."""

    path: str
    oid: str


def committed_files(
    repository: Repository, commit: str = HEAD, *, path: str = "", trees: bool = False
) -> Iterator[CommittedFile]:
    """The files of a commit or tree, at `path` and below; none of a HEAD that is not born yet.

    With `trees`, the directories as well. Raises GitError.
    """
    if commit == HEAD and not repository.succeeds("rev-parse", "-q", "--verify", "HEAD^{tree}"):
        return
    below = ("--", f":(top,literal){path}") if path else ()
    words = ("ls-tree", "-r", *(("-t",) if trees else ()), "-z", "--full-tree", commit, *below)
    for entry in repository.run(*words).split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")  # <mode> <kind> <id>
        yield CommittedFile(os.fsdecode(name), about.rpartition(b" ")[2].decode())
