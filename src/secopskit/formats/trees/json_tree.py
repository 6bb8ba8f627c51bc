"""A tree of JSON with byte offsets, from whatever can be read of it: comments and broken files included.

JSON5's names without quotes and texts in single quotes are read, several documents in a row as well (as
in JSON lines), and pairs outside any object. Numbers and words are passed over: only texts are of
interest. The standard library's parser tells no offsets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats import bounds
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence
from secopskit.lazy_regex import prepared
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPTH: Final = 64
_PIECE_DEPTH: Final = 8  # deeper in a document, pieces are none; and so much less deep are they
MAX_TOKENS: Final = 1_000_000
_LONGEST: Final = 8192  # bytes of a text; a longer one is passed over

# Most texts in quotes come in pairs. One without an end takes the rest of its line, so that no part of it is
# looked at twice.
_TOKEN: Final = prepared(
    rb"\"((?:[^\"\\\n]++|\\.)*+)\"(?:\s*+:\s*+\"((?:[^\"\\\n]++|\\.)*+)\")?|(?<=[\s{\[,:(])'((?:[^'\\\n]++|\\.)*+)'|([{}\[\]:,])"
    rb"|//[^\n]*+|/\*(?>(?:[^*]++|\*(?!/))*)|\"[^\n]*+|([A-Za-z_$][\w$.-]*+)"
)
_PAIR, _SINGLE, _SIGN, _WORD = 2, 3, 4, 5  # their groups
_TOKENS_OF_A_PAIR: Final = 3
_ESCAPE: Final = prepared(rb"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class JsonPiece(NamedTuple):
    """A map or a list that was parsed before, and the stretch in which it stands."""

    span: Span
    node: Node


def documents(data: bytes, pieces: Iterable[JsonPiece] = ()) -> list[Node]:
    """The documents in `data`; of more than `MAX_TOKENS` tokens, the first ones.

    `pieces`, ascending, are those that `piece` has parsed; there may be no more bytes then than tokens.
    """
    builder, left, at = _TreeBuilder(), MAX_TOKENS, 0
    for span, node in pieces:
        left = builder.read(data, Span(at, span.start), left)
        if builder.takes_pieces:
            builder.take(node)
        else:
            left = builder.read(data, span, left)
        at = span.end
    builder.read(data, Span(at, len(data)), left)
    return builder.roots


def piece(data: bytes, span: Span) -> Node:
    """The map or list that begins and ends where a stretch does; None if there is another end, or no such."""
    builder = _TreeBuilder()
    builder.read(data, span, MAX_TOKENS)
    return builder.only


def unescaped(text: bytes) -> bytes:
    """A JSON text without its escapes."""
    return _ESCAPE.sub(_character, text) if b"\\" in text else text


def _character(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if len(code) == 5:
        return chr(int(code[1:], 16)).encode("utf-8", "replace")
    return _ESCAPES.get(code, code)


def _scalar(found: re.Match[bytes], kind: int) -> Scalar:
    start, end = found.span(kind)
    raw = found[kind] if end - start <= _LONGEST else b""
    value = unescaped(raw) if b"\\" in raw else raw
    return Scalar(value, start, end, raw, "'" if kind == _SINGLE else '"')


class _TreeBuilder:
    """Puts tokens together. What stands outside of any object goes into one of its own."""

    def __init__(self) -> None:
        self._outside = Mapping()
        self._documents: list[Node] = []
        self._open: list[Mapping | Sequence] = []
        self._too_deep = 0
        self._deepest = 0
        self._ends = 0  # of what stands in nothing else, and of nothing
        self._last: Scalar | None = None
        self._key: Scalar | None = None

    def read(self, data: bytes, span: Span, left: int) -> int:
        """Take the tokens in a stretch, at most so many; how many are left."""
        for found in _TOKEN.finditer(data, *span):
            kind = found.lastindex
            left -= _TOKENS_OF_A_PAIR if kind == _PAIR else 1
            if left < 0:
                bounds.stop()
                break
            if kind == _PAIR:
                self.pair(_scalar(found, 1), _scalar(found, _PAIR))
            elif kind == _SIGN:
                self.sign(found[_SIGN])
            elif kind == _WORD:
                self.word(found)
            elif kind is not None:
                self.text(_scalar(found, kind))
        return left

    @property
    def roots(self) -> list[Node]:
        """What has been read so far."""
        return [self._outside, *self._documents] if self._outside.pairs else self._documents

    @property
    def only(self) -> Node:
        """The one document that has been read, if its end was the last token, and it can be a piece."""
        whole = len(self._documents) == self._ends == 1 and not self._open
        return self._documents[0] if whole and self._deepest <= MAX_DEPTH - _PIECE_DEPTH else None

    @property
    def takes_pieces(self) -> bool:
        """Whether it is not too deep in a document for a piece."""
        return len(self._open) < _PIECE_DEPTH

    def take(self, node: Node) -> None:
        """Take a map or a list as a whole."""
        self._add(node)
        self._last = None

    def sign(self, sign: bytes) -> None:
        """Take one of `{ } [ ] : ,`."""
        if sign == b",":  # the most frequent one
            self._key = None
        elif sign == b":":
            self._key = self._last
        elif sign == b"{":
            self._begin(Mapping())
        elif sign == b"[":
            self._begin(Sequence())
        else:
            self._end()
        self._last = None

    def word(self, found: re.Match[bytes]) -> None:
        """Take a name without quotes, or a word such as `true`, which is no value of interest."""
        if self._key is None:
            self._last = Scalar(found[_WORD], *found.span(_WORD), found[_WORD])
        else:
            self._key = None

    def pair(self, name: Scalar, value: Scalar) -> None:
        """Take a text in quotes, a colon, and another text."""
        container = self._open[-1] if self._open else self._outside
        if self._key is None and isinstance(container, Mapping):
            container.pairs.append((name, value))
            self._last = None
        else:
            self.text(name)
            self.sign(b":")
            self.text(value)

    def text(self, scalar: Scalar) -> None:
        """Take a text in quotes: a name, if a colon follows, or a value."""
        if self._key is None and not (self._open and isinstance(self._open[-1], Sequence)):
            self._last = scalar
        else:
            self._add(scalar)

    def _add(self, node: Node) -> None:
        container = self._open[-1] if self._open else self._outside
        if isinstance(container, Sequence):
            container.items.append(node)
        elif self._key is not None:
            container.pairs.append((self._key, node))
        elif container is self._outside:
            self._documents.append(node)
        self._key = None

    def _begin(self, node: Mapping | Sequence) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._too_deep += 1
            self._key = None
            return
        self._add(node)
        self._open.append(node)
        self._deepest = max(self._deepest, len(self._open))

    def _end(self) -> None:
        self._key = None
        if self._too_deep:
            self._too_deep -= 1
        elif self._open:
            self._open.pop()
        self._ends += not self._open
