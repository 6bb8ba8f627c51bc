"""The kind of an archive, told by its first and last bytes, whatever its name is."""

from __future__ import annotations

import re
from typing import Final

from secopskit.formats.archives import tars, zips

_HEAD: Final = 512
ZIP: Final = "zip"
TAR: Final = "tar"
GZIP: Final = "gzip"
BZIP2: Final = "bzip2"
XZ: Final = "xz"
SCRIPT: Final = "script"
"""A script with an archive behind its text; see `behind_script`."""
_OPENED: Final = (
    (zips.MAGIC, ZIP),
    (zips.END, ZIP),
    (b"\x1f\x8b\x08", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\0", XZ),
)
# What the standard library of the oldest Python that we run on cannot read.
_SEALED: Final = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"!<arch>\ndebian-binary", "deb"),
    (b"# v2 git bundle\n", "git bundle"),
    (b"# v3 git bundle\n", "git bundle"),
)
SEALED: Final = frozenset(kind for _, kind in _SEALED)
"""The kinds that are known by sight and not opened."""

# By their first bytes: most texts begin like none of them, or like one or two.
_BEGIN: Final = {
    first: tuple((magic, kind) for magic, kind in (*_OPENED, *_SEALED) if magic[0] == first)
    for first in {magic[0] for magic, _ in (*_OPENED, *_SEALED)}
}
_SCRIPT: Final = b"#!"
_PROGRAMS: Final = (b"MZ", b"\x7fELF")
_FARTHEST_END: Final = zips.END_SIZE + 0xFFFF
# Behind the last line of a script. A tar stands there compressed.
_BEHIND: Final = re.compile(
    rb"\n(?=PK\x03\x04|\x1f\x8b\x08|BZh[1-9]1AY&SY|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x28\xb5\x2f\xfd)"
)
_BZIP2_BLOCKS: Final = (b"1AY&SY", b"\x17rE8P\x90")


def archive_kind(data: bytes | memoryview) -> str | None:
    """The kind of archive that `data` is, one of those in this module; None for anything else."""
    if len(data) < 4:
        return None
    if (own := _BEGIN.get(data[0])) and (kind := _by_magic(bytes(data[:_HEAD]), own)):
        return kind
    if data[0] == _SCRIPT[0] and behind_script(bytes(data)):
        return SCRIPT
    if _ends_as_zip(data):
        return ZIP
    if len(data) >= _HEAD and (data[148] == 0x20 or 0x30 <= data[148] <= 0x37):
        return TAR if tars.is_tar(bytes(data[:_HEAD])) else None
    return None


def behind_script(data: bytes) -> int:
    """Where in a script the archive begins that stands behind its text; 0 for anything else."""
    if not data.startswith(_SCRIPT) or b"\0" not in data:
        return 0
    found = _BEHIND.search(data)
    return found.end() if found else 0


def _ends_as_zip(data: bytes | memoryview) -> bool:
    """Whether the record is there that ends a ZIP: a program may stand in front of it, which unpacks itself.

    Behind what begins as a program does, the record may have a comment.
    """
    if len(data) < zips.END_SIZE:
        return False
    if data[-zips.END_SIZE] == zips.END[0] and bytes(data[-zips.END_SIZE :][:4]) == zips.END:
        return True
    if not bytes(data[:4]).startswith(_PROGRAMS):
        return False
    tail = bytes(data[-_FARTHEST_END:])
    at = tail.rfind(zips.END, 0, len(tail) - zips.END_SIZE + len(zips.END))
    return at >= 0 and at + zips.END_SIZE + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _by_magic(head: bytes, kinds: tuple[tuple[bytes, str], ...]) -> str | None:
    kind = next((kind for magic, kind in kinds if head.startswith(magic)), None)
    if kind == BZIP2 and not (head[3:4].isdigit() and head[4:10] in _BZIP2_BLOCKS):
        return None
    return kind
