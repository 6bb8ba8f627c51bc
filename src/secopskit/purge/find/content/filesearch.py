"""The search for values in files: names, contents of any size, and where symbolic links point to.

Nothing is followed, and nothing that could block (a FIFO, a device) is opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work
from secopskit.purge.find.content.archived import search_large
from secopskit.purge.values.matcher import ValueMatcher

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class FileHit(NamedTuple):
    """A file, by its path below the directory that was searched, with the targets in name or content.

    `readable` is False where it could not be read; then nothing is known of its content.
    """

    path: str
    numbers: tuple[int, ...]
    readable: bool = True


def search_files(
    top: str, matcher: ValueMatcher, *, enter: Callable[[str], bool] = lambda _path: True
) -> Iterator[FileHit]:
    """The files below `top` that hold a target or cannot be read, in order.

    `enter` is asked, for the relative path of each directory, whether to look into it.
    """
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(os.path.join(top, below)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield FileHit(below, (), readable=False)
            continue
        for entry in entries:
            path = os.path.join(below, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if numbers := matcher.contains(os.fsencode(entry.name)):
                    yield FileHit(path, numbers)
                if enter(path):
                    pending.append(path)
            elif (found := search_file(entry.path, path, matcher)).numbers or not found.readable:
                yield found


def search_file(full: str, path: str, matcher: ValueMatcher) -> FileHit:
    """What stands in the one file `full`, which is called `path`."""
    still_at_work()
    numbers = matcher.contains(os.fsencode(os.path.basename(path)))
    try:
        if os.path.islink(full):
            return FileHit(path, _joined(numbers, matcher.contains(os.fsencode(os.readlink(full)))))
        descriptor = os.open(full, _FLAGS)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return FileHit(path, numbers)
            return FileHit(path, _joined(numbers, search_large(matcher, file.read)[0]))
    except FileNotFoundError:  # gone since it was listed
        return FileHit(path, ())
    except OSError:
        return FileHit(path, numbers, readable=False)


def _joined(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*one, *other}))
