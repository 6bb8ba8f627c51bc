"""The directories that a repository's objects lie in."""

from __future__ import annotations

import os
from contextlib import suppress

from secopskit.git.repository import Repository


def object_directories(repository: Repository) -> list[str]:
    """Where the repository's objects lie: its own directory and its alternates."""
    pending, found = [os.path.join(repository.common_dir, "objects")], list[str]()
    while pending and len(found) < 32:
        directory = pending.pop()
        found.append(directory)
        path = os.path.join(directory, "info", "alternates")
        # What is no file, git complains of; we would wait for it.
        with suppress(OSError), open(path if os.path.isfile(path) else os.devnull, "rb") as file:
            names = [
                os.fsdecode(line) for line in file.read().split(b"\n") if line and not line.startswith(b"#")
            ]
            pending += [path for name in names if (path := os.path.join(directory, name)) not in found]
    return found
