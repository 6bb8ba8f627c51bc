"""The words of a statement, as far as rules need them: names, strings and signs, with their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from secopskit.migrate.read.lexis import LETTER, WORD, skip_blank
from secopskit.named_tuple import NamedTuple

_STRING: Final = re.compile(r"(?:[eE]'(?:[^'\\]|\\.|'')*+'|'(?:[^']|'')*+')", re.DOTALL)
_NAME: Final = re.compile(r'"((?:[^"]|"")*+)"')
_DOLLAR: Final = re.compile(rf"\$({LETTER}\w*)?\$")
_NUMBER: Final = re.compile(r"\d[\w.]*+")
_PLACEHOLDER: Final = re.compile(r"%(?:\d+\$)?-?\d*[IsL]")
_OPENS: Final = frozenset("([")
_CLOSES: Final = frozenset(")]")
# What a PL/pgSQL statement may stand behind.
_BEFORE: Final = frozenset({"begin", "then", "else", "loop"})


class SqlWord(NamedTuple):
    """A piece of SQL: `kind` is word (lower case), name (quoted), text (a string), number or sign.

    `at` is its offset in the text that was taken apart.
    """

    kind: str
    value: str
    at: int


Words = Sequence[SqlWord]


def words_of(text: str) -> list[SqlWord]:
    """The words of `text`, without white space and comments. Never raises."""
    found: list[SqlWord] = []
    at = skip_blank(text, 0)
    while at < len(text):
        word, end = _word(text, at)
        found.append(word)
        at = skip_blank(text, max(end, at + 1))
    return found


def _word(text: str, at: int) -> tuple[SqlWord, int]:
    if string := _STRING.match(text, at):
        inner = string[0][string[0].index("'") + 1 : -1]
        return SqlWord(
            "text", inner.replace("''", "'"), string.start() + string[0].index("'") + 1
        ), string.end()
    if word := WORD.match(text, at):
        return SqlWord("word", word[0].lower(), at), word.end()
    if name := _NAME.match(text, at):
        return SqlWord("name", name[1].replace('""', '"'), at), name.end()
    if (tag := _DOLLAR.match(text, at)) and (close := text.find(tag[0], tag.end())) >= 0:
        return SqlWord("text", text[tag.end() : close], tag.end()), close + len(tag[0])
    if number := _NUMBER.match(text, at):
        return SqlWord("number", number[0], at), number.end()
    return SqlWord("sign", text[at], at), at + 1


class SqlReader:
    """Reads words from left to right."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.position = 0

    @property
    def rest(self) -> Words:
        """What is not read yet."""
        return self.words[self.position :]

    @property
    def at(self) -> int:
        """The offset of the next word; of the last one at the end."""
        return self.words[min(self.position, len(self.words) - 1)].at if self.words else 0

    def eat(self, *wanted: str) -> bool:
        """Whether these words come next; they are read then."""
        ahead = self.words[self.position : self.position + len(wanted)]
        if len(ahead) < len(wanted) or any(
            word.value != value or word.kind not in ("word", "sign")
            for word, value in zip(ahead, wanted, strict=True)
        ):
            return False
        self.position += len(wanted)
        return True

    def eat_any(self, *wanted: str) -> str:
        """The one of these words that comes next, read; empty if none does."""
        return next((word for word in wanted if self.eat(word)), "")

    def name(self) -> str:
        """The name that comes next (`public.` goes without saying); empty if none does."""
        parts: list[str] = []
        while self.position < len(self.words) and self.words[self.position].kind in ("word", "name"):
            parts.append(self.words[self.position].value)
            self.position += 1
            if not self.eat("."):
                break
        return ".".join(parts[1:] if len(parts) > 1 and parts[0] == "public" else parts)

    def names(self) -> list[str]:
        """Names with commas between them."""
        found = [self.name()]
        while self.eat(",") or self.eat("*", ","):
            self.eat("only")
            found.append(self.name())
        return [name for name in found if name]


def has(words: Words, *wanted: str) -> bool:
    """Whether these words follow each other somewhere outside of parentheses."""
    level = [word for word, depth in with_depth(words) if depth == 0]
    values = [word.value if word.kind in ("word", "sign") else "\0" for word in level]
    return any(values[i : i + len(wanted)] == list(wanted) for i in range(len(values) - len(wanted) + 1))


def with_depth(words: Words) -> Iterator[tuple[SqlWord, int]]:
    """Each word with the number of parentheses around it; an opening one is outside of itself."""
    depth = 0
    for word in words:
        sign = word.kind == "sign"
        if sign and word.value in _CLOSES:
            depth = max(0, depth - 1)
        yield word, depth
        if sign and word.value in _OPENS:
            depth += 1


def split_at(words: Words, ends: Callable[[SqlWord, int], bool]) -> list[Words]:
    """The pieces between the words that `ends` says of that they end one; those are in none."""
    pieces: list[list[SqlWord]] = [[]]
    for word, depth in with_depth(words):
        if ends(word, depth):
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [piece for piece in pieces if piece]


def by_commas(words: Words) -> list[Words]:
    """What commas outside of parentheses keep apart."""
    return split_at(words, lambda word, depth: depth == 0 and word.kind == "sign" and word.value == ",")


def statements_within(words: Words, *, nested: int = 2) -> Iterator[Words]:
    """The statement itself, or what the block of a DO runs: also from strings that it executes.

    Offsets are those of the whole statement's text.
    """
    if not words or words[0].value != "do" or not nested:
        yield words
        return
    for body in (word for word in words if word.kind == "text"):
        inner = [word._replace(at=word.at + body.at) for word in words_of(body.value)]
        for piece in split_at(inner, _ends_in_block):
            yield from _executed(piece, nested)


def _ends_in_block(word: SqlWord, _depth: int) -> bool:
    return (word.kind == "sign" and word.value == ";") or (word.kind == "word" and word.value in _BEFORE)


def _executed(words: Words, nested: int) -> Iterator[Words]:
    if words[0].value not in ("execute", "perform"):
        yield words
        return
    for text in (word for word in words if word.kind == "text" and " " in word.value):
        filled_in = _PLACEHOLDER.sub('"…"', text.value)  # of format(): some name or value
        inner = [word._replace(at=text.at) for word in words_of(filled_in)]
        if inner:
            yield from statements_within(inner, nested=nested - 1)
