"""git-filter-repo as a library, in a process of its own: the only module that knows it.

A script, not an import: git-filter-repo keeps its state in globals, prints, ends the process on
errors and runs git where it stands. It reads commits without files on standard input (see
`replay.command`) and gives each the one root tree that stands there as a "file"; what it answers is
a line "old id, new id" for each commit. Nothing of secops is imported, and no value gets here.
"""

from __future__ import annotations

import os
import sys
from typing import IO, Any

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
    """A filter whose commits come from `source` and whose commit map goes to `results`."""

    def __init__(self, source: IO[bytes], results: IO[bytes]) -> None:
        super().__init__(fr.FilteringOptions.parse_args(list(ARGUMENTS)), commit_callback=_set_tree)
        self._source = source
        self._results = results

    def _setup_input(self, use_done_feature: bool) -> None:
        self._input = self._source

    def _record_metadata(self, metadata_dir: bytes, orig_refs: dict[bytes, bytes]) -> None:
        """Tell the commit map; the library would write reports about refs that we do not have here."""
        self._flush_renames()
        self._results.writelines(b"%s %s\n" % pair for pair in self._commit_renames.items())
        self._results.close()


def _set_tree(commit: Any, _metadata: Any) -> None:
    """Make the "file" the whole tree. Only here: before, the library drops changes without a name."""
    (change,) = commit.file_changes
    commit.file_changes = [fr.FileChange(b"M", b"", change.blob_id, b"040000")]


def main() -> None:
    """Filter what stands on standard input."""
    source = os.fdopen(os.dup(0), "rb")
    results = os.fdopen(os.dup(1), "wb")
    # The library prints, and so do the git commands that it starts: not between our lines.
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    sys.stdin.close()
    Filter(source, results).run()


if __name__ == "__main__":
    main()
