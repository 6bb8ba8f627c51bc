"""What a script says of its variables when it is asked for help: a document, though in the script itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from secopskit.collect.code.shell.here import here_documents
from secopskit.lazy_regex import LazyRegex

_MOST: Final = 1000
_PRINTED: Final = LazyRegex(rb"(?:^|[\s;&|({])(?:cat|echo|printf|less|more)\b")
# `>&2` prints, too; what goes to a file or to another program is no help.
_SENT_ON: Final = LazyRegex(rb">(?![ \t]{0,4}&[12])|\|")
# The name leads the line; a text follows it, on that line or on the next.
_LED: Final = (
    rb"([A-Z][A-Z0-9_]{2,120})(?:[ \t]{1,4}[A-Z(<\[]|[ \t]{2,40}\S|[ \t]{1,8}(?:--?|\xe2\x80\x94)[ \t]"
)
_EXPLAINED: Final = LazyRegex(rb"(?m)^[ \t]{0,40}(?:[-*][ \t]{1,4})?" + _LED + rb"|:[ \t]|[ \t]{0,8}\r?$)")
_SAID: Final = LazyRegex(rb"(?m)^[ \t]{0,40}echo[ \t]{1,8}(?:-e[ \t]{1,4})?[\"'][ \t]{0,40}" + _LED + rb")")


def explained(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The names that printed texts explain, with where each stands."""
    for document in here_documents(data):
        if _PRINTED.search(document.command) and not _SENT_ON.search(document.command):
            for found in islice(_EXPLAINED.finditer(data, document.start, document.end), _MOST):
                yield found[1], found.start(1)
    for found in islice(_SAID.finditer(data), _MOST):
        yield found[1], found.start(1)
