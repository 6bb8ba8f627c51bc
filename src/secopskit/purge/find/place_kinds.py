"""The kinds of places in a git directory, beside objects: which one a file is, by its path."""

from __future__ import annotations

import re
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.purge.model import PlaceKind


class FileKind(NamedTuple):
    """A kind of place, and how a value there is got rid of. A purge cleans it itself where it is `ours`."""

    place: PlaceKind
    advice: str
    ours: bool = True


LINKED_TREE: Final = (
    "git worktree remove the work tree, and add it anew at a path without the value; delete nothing by hand"
)


_REFLOG: Final = FileKind(PlaceKind.REFLOG, "git reflog expire --expire=now --expire-unreachable=now --all")
_REF: Final = FileKind(PlaceKind.REF, "rename or delete the ref, then: git pack-refs --all --prune")
_HEAD: Final = "git branch -m NEW; before the first commit: git symbolic-ref HEAD refs/heads/NEW"
_KINDS: Final = (
    # It goes with its branch, if that is renamed.
    (r"(?:worktrees/[^/]+/)?HEAD", FileKind(PlaceKind.GIT_FILE, f"{_HEAD}; never delete it", ours=False)),
    (r"worktrees/[^/]+(?:/gitdir)?", FileKind(PlaceKind.GIT_FILE, LINKED_TREE, ours=False)),
    (r"(?:worktrees/[^/]+/)?logs/.*", _REFLOG),
    (r"(?:worktrees/[^/]+/)?refs/.*|packed-refs|reftable/.*", _REF),
    (
        r"config|config\.worktree|worktrees/[^/]+/config\.worktree",
        FileKind(PlaceKind.CONFIG, "git config --edit; a password belongs in a credential helper"),
    ),
    (
        r"(?:worktrees/[^/]+/)?(?:index|sharedindex\.[0-9a-f]+)",
        FileKind(PlaceKind.INDEX, "git rm --cached the file or rename it, then: git update-index --refresh"),
    ),
    (r"lfs/.*", FileKind(PlaceKind.LFS, "delete the file here and the LFS object on the server")),
    (r"rr-cache/.*", FileKind(PlaceKind.GIT_FILE, "git rerere forget, or delete the directory")),
    (r"hooks/.*", FileKind(PlaceKind.GIT_FILE, "take the value out of the hook", ours=False)),
    (
        r"(?:worktrees/[^/]+/)?(?:rebase-merge|rebase-apply|sequencer)/.*",
        FileKind(PlaceKind.GIT_FILE, "finish or abort the rebase or cherry-pick"),
    ),
    (
        r"fast_import_crash_\d+|filter-repo/.*",
        FileKind(PlaceKind.GIT_FILE, "delete it: a tool left it behind"),
    ),
    (r"objects/.*", FileKind(PlaceKind.GIT_FILE, "git prune --expire=now, or delete the file")),
)
_OTHER: Final = FileKind(PlaceKind.GIT_FILE, "edit or delete the file")
_COMPILED: Final = tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in _KINDS)


def kind_of(path: str) -> FileKind:
    """The kind of a file, by its path below the common git directory."""
    return next((kind for pattern, kind in _COMPILED if pattern.fullmatch(path)), _OTHER)
