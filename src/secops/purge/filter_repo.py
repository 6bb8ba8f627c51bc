"""git-filter-repo as a library, in a process of its own: the only module that knows it.

A script, not an import: git-filter-repo keeps its state in globals, prints, ends the process on
errors and runs git where it stands. It reads commits without files on standard input (see
`replay.command`) and gives each the one root tree that stands there as a "file". Nothing of secops is
imported, and no value gets here.
"""

from __future__ import annotations

import os
import sys
from typing import Any, BinaryIO

import git_filter_repo as fr

# All that git-filter-repo would do beyond writing the commits it is given is turned off.
ARGUMENTS = (
    "--stdin",
    "--force",
    "--partial",
    "--quiet",
    "--prune-empty=never",
    "--prune-degenerate=never",
    "--preserve-commit-encoding",
    "--preserve-commit-hashes",
    "--replace-refs=update-no-add",
)


class Filter(fr.RepoFilter):  # type: ignore[misc]  # the library is untyped
    """A filter whose commits come from `source`."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__(fr.FilteringOptions.parse_args(list(ARGUMENTS)), commit_callback=_set_tree)
        self._source = source

    def _setup_input(self, use_done_feature: bool) -> None:
        self._input = self._source

    def _record_metadata(self, metadata_dir: bytes, orig_refs: dict[bytes, bytes]) -> None:
        """Leave out the reports: they are about refs, and there are none here."""


def _set_tree(commit: Any, _metadata: Any) -> None:
    """Make the "file" the whole tree. Only here: before, the library drops changes without a name."""
    (change,) = commit.file_changes
    commit.file_changes = [fr.FileChange(b"M", b"", change.blob_id, b"040000")]


def main() -> None:
    """Filter what stands on standard input."""
    source = os.fdopen(os.dup(0), "rb")
    # The git commands that the library starts must neither eat our commits nor print.
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    sys.stdin.close()
    Filter(source).run()


if __name__ == "__main__":
    main()
