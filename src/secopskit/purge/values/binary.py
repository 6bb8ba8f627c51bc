"""Content that is no text: what takes a value's place there is as long as the value, so that offsets stay.

Formats are told by the bytes they begin with, as their specifications have them. Some hold a sum of their own
content: where a value goes, it does not fit any more, and who reads the file may refuse it.
"""

from __future__ import annotations

from typing import Final

from secopskit.detect.engine import Buffer
from secopskit.purge.model import BinaryFormat

UNKNOWN: Final = BinaryFormat("binary file")
_SAMPLE: Final = 1 << 16
_MACH_O: Final = BinaryFormat("Mach-O program", checks=True)
_SQLITE: Final = BinaryFormat(
    "SQLite database", care="if an index covers the column, REINDEX puts it in order again"
)
_OGG: Final = BinaryFormat("Ogg stream", checks=True)
# What a file begins with. All that follows is read by offsets, lengths or offsets of parts.
_BEGINNINGS: Final = (
    (b"SQLite format 3\0", _SQLITE),
    (b"\x89PNG\r\n\x1a\n", BinaryFormat("PNG image", checks=True)),
    (b"\xff\xd8\xff", BinaryFormat("JPEG image")),
    (b"GIF8", BinaryFormat("GIF image")),
    (b"RIFF", BinaryFormat("RIFF file")),
    (b"II*\0", BinaryFormat("TIFF image")),
    (b"MM\0*", BinaryFormat("TIFF image")),
    (b"%PDF-", BinaryFormat("PDF document")),
    (b"PK\x03\x04", BinaryFormat("zip archive (jar, wheel, office document)", checks=True)),
    (b"PK\x05\x06", BinaryFormat("zip archive (jar, wheel, office document)", checks=True)),
    (b"\x1f\x8b", BinaryFormat("gzip file", checks=True)),
    (b"\xfd7zXZ\0", BinaryFormat("xz file", checks=True)),
    (b"BZh", BinaryFormat("bzip2 file", checks=True)),
    (b"\x28\xb5\x2f\xfd", BinaryFormat("zstd file", checks=True)),
    (b"7z\xbc\xaf\x27\x1c", BinaryFormat("7z archive", checks=True)),
    (b"Rar!\x1a\x07", BinaryFormat("RAR archive", checks=True)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", BinaryFormat("OLE document (doc, xls, msi)")),
    (b"\x7fELF", BinaryFormat("ELF program or library")),
    (b"\xcf\xfa\xed\xfe", _MACH_O),
    (b"\xce\xfa\xed\xfe", _MACH_O),
    (b"\xca\xfe\xba\xbe", BinaryFormat("Java class or universal program")),
    (b"\xfe\xed\xfe\xed", BinaryFormat("Java key store", checks=True)),
    (b"\0asm", BinaryFormat("WebAssembly module")),
    (b"OggS", _OGG),
    (b"fLaC", BinaryFormat("FLAC file", checks=True)),
    (b"PACK", BinaryFormat("git pack", checks=True)),
    (b"DIRC", BinaryFormat("git index", checks=True)),
    (b"# v2 git bundle", BinaryFormat("git bundle", checks=True)),
    (b"# v3 git bundle", BinaryFormat("git bundle", checks=True)),
    (b"PGDMP", BinaryFormat("PostgreSQL dump")),
)
_PYTHON: Final = BinaryFormat("Python bytecode")
_PROGRAM: Final = BinaryFormat("Windows program or library")
_TAR: Final = BinaryFormat("tar archive")
_CONTROLS: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b")


def binary_format(data: Buffer) -> BinaryFormat | None:
    """The format of content that is no text; None for text, be it in UTF-16."""
    head = bytes(data[:_SAMPLE])
    for beginning, format_ in _BEGINNINGS:
        if head.startswith(beginning) and (format_.checks or not _is_ascii(head)):
            return format_
    if head[257:262] == b"ustar":
        return _TAR
    if head[2:4] == b"\r\n" and b"\0" in head[4:16]:
        return _PYTHON
    if head.startswith(b"MZ") and b"\0" in head[:64]:
        return _PROGRAM
    return UNKNOWN if _is_binary(data, head) else None


def _is_ascii(head: bytes) -> bool:
    """Whether there are no bytes but those of plain text, as in a text that begins with a format's name."""
    return head.isascii() and not _has_controls(head)


def _is_binary(data: Buffer, head: bytes) -> bool:
    if b"\0" in bytes(data):
        return not is_utf16(head)
    return _has_controls(head) and not _decodes(head)


def _has_controls(head: bytes) -> bool:
    return len(head.translate(None, _CONTROLS)) < len(head)


def _decodes(head: bytes) -> bool:
    """Whether it is UTF-8, but for a character that the end of the sample may cut."""
    return any(_decoded(head[: len(head) - cut], "utf-8") is not None for cut in range(4))


def is_utf16(head: bytes) -> bool:
    """Whether this beginning of a file is text in UTF-16, with or without a byte order mark."""
    even = head[: len(head) & ~1]
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _decoded(even, encoding) or _decoded(even[:-2], encoding)
        if text and all(sign.isprintable() or sign in "\t\n\v\f\r\ufeff" for sign in text):
            latin = sum(sign < "\u0250" for sign in text)
            if text.startswith("\ufeff") or latin * 2 > len(text):
                return True
    return False


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
