"""Dockerfiles as instructions: continued lines joined, comments left out, here-documents apart.

https://docs.docker.com/reference/dockerfile/ has the grammar. Offsets stay true: what is left out
becomes blanks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from secopskit.lazy_regex import prepared
from secopskit.named_tuple import NamedTuple

_HERE: Final = prepared(rb"<<-?[ \t]{0,4}([\"']?)([A-Za-z_]\w{0,60})\1")
_WORD: Final = prepared(rb"[ \t]{0,200}([A-Za-z]{1,20})(?=[ \t]|$)")
_ESCAPE: Final = prepared(rb"(?i)[ \t]{0,20}#[ \t]{0,20}escape[ \t]{0,20}=[ \t]{0,20}`[ \t]{0,20}")
_FLAG: Final = prepared(rb"[ \t]{0,4000}--([a-z][a-z-]{0,40})(?:=(\S{0,2000}))?(?=[ \t]|$)")
_PAIR: Final = prepared(
    rb"([A-Za-z_][\w.-]{0,200})=((?:[^\s\"'\\]|\\.|\"(?:[^\"\\]|\\.){0,8000}\"|'[^']{0,8000}'){0,200})"
)
_NAME: Final = prepared(rb"[A-Za-z_][\w.-]{0,200}")
_HEREDOCS: Final = frozenset({"RUN", "COPY", "ADD"})
_MAX_LINES: Final = 20_000


class DockerText(NamedTuple):
    """A text, and where it begins in the file."""

    value: bytes
    start: int


class Instruction(NamedTuple):
    """An instruction. `flags` are its `--name=value`, `text` what follows, `documents` here-documents."""

    word: str
    start: int
    text: DockerText
    flags: tuple[tuple[str, str], ...] = ()
    documents: tuple[DockerText, ...] = ()


class DockerPair(NamedTuple):
    """A name of ENV or ARG, where it stands, and its value without quotes, None where it has none."""

    name: str
    start: int
    value: bytes | None


class _DockerLine(NamedTuple):
    text: bytes
    start: int


def instructions(data: bytes) -> Iterator[Instruction]:
    """The instructions, in order. What is none (a template's lines) is passed over."""
    lines = iter(_lines(data))
    escape = b"`" if _ESCAPE.fullmatch(data[:200].partition(b"\n")[0].rstrip()) else b"\\"
    for line in lines:
        first = line.text.strip()
        if not first or first.startswith(b"#"):
            continue
        joined = _joined(line, lines, escape)
        word = _WORD.match(joined)
        if word is None:
            continue
        name = word[1].decode().upper()
        ends = [found[2] for found in _HERE.finditer(joined)][:8] if name in _HEREDOCS else []
        documents = tuple(_document(end, lines) for end in ends)
        yield _instruction(name, joined, line.start, word.end(), documents)


def _lines(data: bytes) -> Iterator[_DockerLine]:
    at = 0
    for number, text in enumerate(data.split(b"\n")):
        if number >= _MAX_LINES:
            return
        yield _DockerLine(text.removesuffix(b"\r"), at)
        at += len(text) + 1


def _joined(line: _DockerLine, lines: Iterator[_DockerLine], escape: bytes) -> bytes:
    """The line with those that continue it, as long as they are in the file."""
    parts, here = list[bytes](), line
    end = line.start
    while True:
        parts.append(b" " * (here.start - end))
        end = here.start + len(here.text)
        stripped = here.text.rstrip()
        comment = here is not line and stripped.lstrip().startswith(b"#")
        going = comment or not stripped or stripped.endswith(escape)
        if comment or not stripped:
            parts.append(b" " * len(here.text))
        else:
            cut = len(stripped) - 1 if going else len(here.text)
            parts.append(here.text[:cut] + b" " * (len(here.text) - cut))
        following = next(lines, None) if going else None
        if following is None:
            return b"".join(parts)
        here = following


def _document(end: bytes, lines: Iterator[_DockerLine]) -> DockerText:
    parts, start = list[bytes](), -1
    for line in lines:
        start = line.start if start < 0 else start
        if line.text.strip() == end:
            break
        parts.append(line.text)
    return DockerText(b"\n".join(parts), max(start, 0))


def _instruction(
    word: str, joined: bytes, start: int, at: int, documents: tuple[DockerText, ...]
) -> Instruction:
    flags = list[tuple[str, str]]()
    while (flag := _FLAG.match(joined, at)) is not None:
        flags.append((flag[1].decode(), (flag[2] or b"").decode("utf-8", "replace")))
        at = flag.end()
    text = joined[at:]
    lead = len(text) - len(text.lstrip())
    return Instruction(word, start, DockerText(text.strip(), start + at + lead), tuple(flags), documents)


def pairs(instruction: Instruction) -> Iterator[DockerPair]:
    """The names of an ENV or ARG instruction: `A=b C="d e"`, `A b c` (ENV), `A` (ARG)."""
    text, start = instruction.text
    name = _NAME.match(text)
    if instruction.word == "ENV" and name is not None and text[name.end() : name.end() + 1] in (b" ", b"\t"):
        yield DockerPair(name[0].decode(), start, _unquoted(text[name.end() :].strip()))
        return
    at = 0
    while at < len(text):
        found = _PAIR.match(text, at)
        if found is not None and found[1]:
            yield DockerPair(found[1].decode(), start + at, _unquoted(found[2]))
            at = found.end()
        elif instruction.word == "ARG" and (bare := _NAME.match(text, at)) is not None:
            yield DockerPair(bare[0].decode(), start + at, None)
            at = bare.end()
        else:
            at += 1


def _unquoted(value: bytes) -> bytes:
    if len(value) > 1 and value[:1] == value[-1:] and value[:1] in (b'"', b"'"):
        return value[1:-1]
    return value


def words(text: bytes) -> list[str]:
    """The words of an instruction in either form: `["a", "b"]`, `a b`."""
    decoded = text.decode("utf-8", "replace")
    if decoded.startswith("["):
        try:
            listed = json.loads(decoded)
        except (ValueError, RecursionError):
            return decoded.split()
        if isinstance(listed, list):
            return [item for item in listed if isinstance(item, str)]
    return decoded.split()
