"""Large texts, window by window: memory is bounded, and what stands at a border is judged once and whole.

Windows overlap, and each is asked only about what begins in its own part. On both sides of that stand
`MARGIN` bytes of context: more than any match of a rule whose length is bounded.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Final

from secopskit.findings import Blob, BlobPart, Skipped, SkipReason
from secopskit.progress import still_at_work
from secopskit.sources.content import BINARY_HEAD, SCRIPT_MARK, open_regular, read_file, text_encoding

WINDOW: Final = 4 * 1024 * 1024
MARGIN: Final = 64 * 1024
_BEHIND_SCRIPT: Final = "what stands behind the script is not opened: the file is larger than the size limit"


def read_parts(full: str, path: str, limit: int, *, in_parts: bool = True) -> Iterator[Blob | Skipped]:
    """The regular file `full` as `read_file` has it; with `in_parts`, a text beyond the limit, too.

    And an archive or a keystore, as it is.
    """
    still_at_work()
    whole = read_file(full, path, limit, binaries=in_parts)
    if not in_parts or not isinstance(whole, Skipped) or whole.reason is not SkipReason.TOO_LARGE:
        yield whole
        return
    file = open_regular(full, path)
    if isinstance(file, Skipped):
        yield file
        return
    with file:
        try:
            yield from windows(path, file.read)
        except OSError as error:
            yield Skipped(path=path, reason=SkipReason.UNREADABLE, detail=error.strerror or "")


def windows(
    path: str,
    read: Callable[[int], bytes],
    oid: str | None = None,
    *,
    size: int = WINDOW,
    margin: int = MARGIN,
) -> Iterator[Blob | Skipped]:
    """The text that `read` gives (as a file's `read` does) in blobs of about `size` bytes; or why it is none.

    Raises what `read` raises.
    """
    head = _filled(read, b"", BINARY_HEAD)
    encoding = text_encoding(head)
    if encoding is None:
        yield _passed_over(path, head, oid)
        return
    wide, mark = encoding
    decoder = _Decoder(wide)
    data, line, column, own = decoder.text(head[len(mark) :]), 1, 1, 0
    followed = False
    while True:
        at_end = False
        while len(data) < size and not at_end:
            chunk = read(size)
            followed = followed or (head.startswith(SCRIPT_MARK) and b"\0" in chunk)
            data += decoder.text(chunk)
            at_end = not chunk
        end = len(data) if at_end else len(data) - margin
        yield Blob(path=path, data=data, oid=oid, part=BlobPart(line, column, own, end))
        if at_end:
            if followed:
                yield Skipped(path=path, reason=SkipReason.ARCHIVE, detail=_BEHIND_SCRIPT)
            return
        cut = end - margin
        line += data.count(b"\n", 0, cut)
        newline = data.rfind(b"\n", 0, cut)
        column = cut - newline if newline >= 0 else column + cut
        data, own = data[cut:], margin


def _passed_over(path: str, head: bytes, oid: str | None) -> Skipped:
    from secopskit.formats.archives.recognised import archive_kind  # large content is seldom no text

    if archive_kind(head) is None:
        return Skipped(path=path, reason=SkipReason.BINARY, detail=oid or "")
    return Skipped(path=path, reason=SkipReason.ARCHIVE, detail="it is larger than the size limit")


def _filled(read: Callable[[int], bytes], data: bytes, size: int) -> bytes:
    while len(data) < size and (chunk := read(size - len(data))):
        data += chunk
    return data


class _Decoder:
    """Makes UTF-8 of what is read piece by piece; NUL bytes become spaces. `wide` is Python's encoding."""

    def __init__(self, wide: str) -> None:
        self._decode = codecs.getincrementaldecoder(wide)("replace").decode if wide else None

    def text(self, chunk: bytes) -> bytes:
        """The next piece."""
        data = self._decode(chunk).encode() if self._decode else chunk
        return data.replace(b"\0", b" ")
