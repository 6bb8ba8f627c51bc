"""Probes of detection: small files in the form in which people write them, with values drawn at each run.

A probe file holds many. Each begins with a line `=== KIND | PATH`, where KIND is a language or a format;
after it may stand `bom` (the file begins with a byte order mark) or `crlf`. All until the next such line is
the text. `{{class:length}}` stands for a value, as in the examples of rules; further classes are in
`DRAWN`. In a declaration every value is a secret that has to be found; in an innocent file none is one.
"""

from __future__ import annotations

import base64
import random
import re
import string
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from secopskit.rules.examples import expand

PROBES: Final = Path(__file__).resolve().parents[1] / "detection"
DECLARATIONS: Final = PROBES / "declarations"
INNOCENT: Final = PROBES / "innocent"

_HEAD: Final = re.compile(r"=== (?P<kind>[a-z0-9-]+)(?P<marks>(?: (?:bom|crlf))*) \| (?P<path>\S+)\n")
_PLACEHOLDER: Final = re.compile(r"\{\{(?P<name>[A-Za-z0-9]+)(?::(?P<argument>[^{}\s]*))?\}\}")
_ALNUM: Final = string.ascii_letters + string.digits
_MARKS: Final = "!#%&()*+,-.:;<=>?@[]^_{|}~"


class Probe(NamedTuple):
    """One probe as it is written. `marks` are `bom` and `crlf`."""

    kind: str
    path: str
    text: str
    marks: tuple[str, ...] = ()


class Extent(NamedTuple):
    """Where something stands. Lines and columns are 1-based, columns count bytes, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def meets(self, other: Extent) -> bool:
        """Whether the two have a byte in common."""
        return (self.line, self.column) < (other.end_line, other.end_column) and (
            other.line,
            other.column,
        ) < (self.end_line, self.end_column)


class Drawn(NamedTuple):
    """A probe with values, and where they stand; `path` is unique among those that are drawn together."""

    kind: str
    path: str
    data: bytes
    values: tuple[Extent, ...]


def load(directory: Path) -> tuple[Probe, ...]:
    """The probes in the files of `directory`, in the order in which they stand there."""
    return tuple(probe for file in sorted(directory.glob("*.txt")) for probe in _split(file))


def _split(file: Path) -> Iterator[Probe]:
    text = file.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    if text.count("\n=== ") + text.startswith("=== ") != len(heads):
        raise ValueError(f"{file.name} has a head that is none")
    for head, end in zip(heads, [*(one.start() for one in heads[1:]), len(text)], strict=True):
        yield Probe(head["kind"], head["path"], text[head.end() : end], tuple(head["marks"].split()))


def draw(probes: Iterable[Probe], seed: str) -> list[Drawn]:
    """`probes` with values, each in a directory of its own. The same `seed` gives the same ones."""
    return [_drawn(number, probe, f"{seed}\0{number}") for number, probe in enumerate(probes)]


def _drawn(number: int, probe: Probe, seed: str) -> Drawn:
    text, extents, position = bytearray(), [], 0
    if "bom" in probe.marks:
        text += b"\xef\xbb\xbf"
    source = probe.text.replace("\n", "\r\n") if "crlf" in probe.marks else probe.text
    for index, found in enumerate(_PLACEHOLDER.finditer(source)):
        value = value_of(found[0], f"{seed}\0{index}")
        if value == found[0]:
            continue
        text += source[position : found.start()].encode()
        extents.append(_extent(text, len(value)))
        text += value.encode()
        position = found.end()
    text += source[position:].encode()
    return Drawn(probe.kind, f"p{number:05}/{probe.path}", bytes(text), tuple(extents))


def _extent(before: bytearray, length: int) -> Extent:
    """Of `length` bytes without a line end, after `before`."""
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return Extent(line, column, line, column + length)


def value_of(placeholder: str, seed: str) -> str:
    """What stands instead of `{{class:argument}}`; of what is no class, the placeholder itself."""
    found = _PLACEHOLDER.fullmatch(placeholder)
    if found and found["name"] in DRAWN:
        return DRAWN[found["name"]](found["argument"] or "", random.Random(seed))
    return expand(placeholder, seed=seed)


def _password(length: str, rng: random.Random, marks: str = _MARKS) -> str:
    """Letters, digits and two to five punctuation marks, as a password manager makes them."""
    size = int(length)
    while True:
        text = rng.choices(_ALNUM, k=size)
        for place in rng.sample(range(size), rng.randint(2, min(5, size))):
            text[place] = rng.choice(marks)
        if any(map(str.isdigit, text)) and any(map(str.islower, text)) and text[0] in _ALNUM:
            return "".join(text)


def _base64(length: str, rng: random.Random) -> str:
    return base64.b64encode(rng.randbytes(int(length))).decode()


def _base64url(length: str, rng: random.Random) -> str:
    return base64.urlsafe_b64encode(rng.randbytes(int(length))).decode()


def _encoded(argument: str, rng: random.Random) -> str:
    """`{{b64of:class:length}}`: a value in base64; of class `user`, a login `user:value`."""
    name, length = argument.split(":")
    inner = "alnum" if name == "user" else name
    value = value_of(f"{{{{{inner}:{length}}}}}", str(rng.random()))
    return base64.b64encode((f"robot:{value}" if name == "user" else value).encode()).decode()


# Classes of ours: passwords with punctuation (`dollar`: also `$`, for where nothing is expanded), so many
# random bytes in base64, and encoded values.
DRAWN: Final[dict[str, Callable[[str, random.Random], str]]] = {
    "password": _password,
    "dollar": lambda length, rng: _password(length, rng, _MARKS + "$$$"),
    "b64": _base64,
    "b64url": _base64url,
    "b64of": _encoded,
}
