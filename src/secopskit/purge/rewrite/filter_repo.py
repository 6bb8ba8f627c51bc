"""git-filter-repo as a library, in a process of its own: the only module that knows it.

A script, not an import: git-filter-repo keeps its state in globals, prints, ends the process on
errors and runs git where it stands. It reads commits without files on standard input (see
`replay.command`), and each gets the one root tree that stands there as a "file". Nothing of secops is
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
        super().__init__(fr.FilteringOptions.parse_args(list(ARGUMENTS)))
        self._source = source

    def _setup_input(self, use_done_feature: bool) -> None:
        self._input = self._source

    def _insert_into_stream(self, obj: Any) -> None:
        """Tell git fast-import of a commit in the way that costs it least.

        After a reset there is no old tree to be read, and the first `merge` is the first parent.
        """
        (tree,) = (change.blob_id for change in obj.file_changes)
        encoding = b"encoding %s\n" % obj.encoding if obj.encoding else b""
        parents = (b":%d" % parent if isinstance(parent, int) else parent for parent in obj.parents)
        self._output.write(
            b"reset %s\n\ncommit %s\nmark :%d\n" % (obj.branch, obj.branch, obj.id)
            + b"author %s <%s> %s\n" % (obj.author_name, obj.author_email, obj.author_date)
            + b"committer %s <%s> %s\n" % (obj.committer_name, obj.committer_email, obj.committer_date)
            + b"%sdata %d\n%s\n" % (encoding, len(obj.message), obj.message)
            + b"".join(b"merge %s\n" % parent for parent in parents)
            + b'M 040000 %s ""\n\n' % tree
        )
        obj.dumped = 1

    def _record_metadata(self, metadata_dir: bytes, orig_refs: dict[bytes, bytes]) -> None:
        """Leave out the reports: they are about refs, and there are none here."""


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
