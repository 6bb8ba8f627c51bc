"""The stage: a scratch repository that sees all objects of the real one, and takes the new ones.

Until its packs are moved over, the real repository does not know of any of this; to give up is to
remove a directory.
"""

from __future__ import annotations

import os
from typing import Final

from secopskit.errors import SecopsError
from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_view

_CONFIG: Final = """\
[core]
\trepositoryformatversion = {version}
\tbare = true
\tfilemode = true
[fastimport]
\tunpackLimit = 0
[gc]
\tauto = 0
"""
_EXTENSION: Final = "[extensions]\n\tobjectformat = sha256\n"


def make_stage(repository: Repository, path: str) -> Repository:
    """A new, empty stage at `path`, where nothing must be, for us alone. Raises SecopsError."""
    sha256 = repository.object_format == "sha256"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        os.mkdir(path, mode=0o700)
        for directory in ("objects/info", "objects/pack", "refs/heads"):
            os.makedirs(os.path.join(path, directory))
        _write(
            path, "config", os.fsencode(_CONFIG.format(version=int(sha256)) + (_EXTENSION if sha256 else ""))
        )
        _write(path, "objects/info/alternates", _quoted(os.path.join(repository.common_dir, "objects")))
        _write(path, "HEAD", b"ref: refs/heads/none\n")  # last: only now git takes it for a repository
    except OSError as error:
        raise SecopsError(
            f"{path}: cannot be made: {error.strerror}",
            advice="Is the disk full or read-only? Nothing has been changed.",
        ) from None
    return open_stage(repository, path)


def open_stage(repository: Repository, path: str) -> Repository:
    """The stage at `path` as a repository."""
    return main_view(repository._replace(git_dir=path, common_dir=path, work_tree=None))


def staged_packs(stage: Repository) -> tuple[str, ...]:
    """The paths, without `.pack`, of the packs that were made in the stage."""
    directory = os.path.join(stage.common_dir, "objects", "pack")
    names = sorted(name for name in os.listdir(directory) if name.endswith(".pack"))
    return tuple(os.path.join(directory, name.removesuffix(".pack")) for name in names)


def _write(path: str, name: str, data: bytes) -> None:
    with open(os.path.join(path, name), "xb") as file:
        file.write(data)


def _quoted(path: str) -> bytes:
    """A line of info/alternates: in quotes as in C where the path itself would mislead git."""
    raw = os.fsencode(path)
    if not raw.startswith((b'"', b"#")) and b"\n" not in raw:
        return raw + b"\n"
    escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%s"\n' % escaped
