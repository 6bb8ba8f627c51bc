"""The files of a work tree that are not, or may not be, those of the index, told by sizes and times alone.

Whatever of git compares contents runs the filters that a repository names, so git is asked for what the
index holds, and the files are looked at here. A file that was changed within a tick of the clock after it was
added, and has kept its size, is not told of.
"""

from __future__ import annotations

import os
import re
from typing import Final

LISTING: Final = ("ls-files", "-z", "--debug")
"""The git command whose output `unlike_index` reads. Its form may change, says `git help ls-files`."""
_ENTRY: Final = re.compile(
    rb"([^\0]+)\0  ctime: \d+:\d+\n  mtime: (\d+):(\d+)\n  dev: [^\n]*\n  uid: [^\n]*\n"
    rb"  size: (\d+)\tflags: ([0-9a-f]+)\n"
)
# Flags of entries, as git has them in memory: taken as unchanged, and not to be in the work tree.
_TAKEN: Final = 0x8000
_SKIPPED: Final = 1 << 30
_SIZE: Final = 1 << 32  # sizes are kept without what is above


def unlike_index(listing: bytes, root: str) -> set[str] | None:
    """The paths below `root` whose files differ from their entries; None if the listing has another form."""
    unlike, end = set[str](), 0
    for entry in _ENTRY.finditer(listing):
        if entry.start() != end:
            return None
        end = entry.end()
        path = os.fsdecode(entry[1])
        if not _is_alike(
            os.path.join(root, path), int(entry[5], 16), (int(entry[2]), int(entry[3])), entry[4]
        ):
            unlike.add(path)
    return unlike if end == len(listing) else None


def _is_alike(path: str, flags: int, written: tuple[int, int], size: bytes) -> bool:
    if flags & _SKIPPED:
        return False
    if flags & _TAKEN:
        return True
    try:
        found = os.lstat(path)
    except OSError:
        return False
    seconds, rest = written
    # A git that keeps no parts of seconds writes none.
    when = divmod(found.st_mtime_ns, 10**9)
    same = when == written if rest else when[0] == seconds
    return same and found.st_size % _SIZE == int(size)
