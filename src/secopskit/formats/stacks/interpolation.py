"""Compose's interpolation: `${X}`, `$X`, `${X:-default}`, `${X:?message}`, `${X:+value}`, nested ones, too.

The rules are those of https://docs.docker.com/reference/compose-file/interpolation/.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST: Final = 65536
"""Bytes of a value that are looked at."""
_DEEPEST: Final = 16
_TOKEN: Final = LazyRegex(
    rb"\$\$|\$\{([A-Za-z_]\w{0,200})(\}|:?[-?+])|\$([A-Za-z_]\w{0,200})|\$\{|\{|\}",
)


class Interpolation(NamedTuple):
    """A variable that a value takes in.

    `span` is where it stands in the value, its signs included. `operator` is what follows the name (`:-`,
    `?`, …), empty for none, `argument` what follows that. `depth` is how many others it stands in.
    """

    name: str
    span: Span
    operator: str = ""
    argument: bytes = b""
    depth: int = 0

    @property
    def default(self) -> bytes | None:
        """What it is without the variable; None where that is not said."""
        if self.operator in (":-", "-"):
            return self.argument
        return b"" if self.operator in (":+", "+") else None

    @property
    def required(self) -> bool:
        """Whether Compose refuses to start without the variable."""
        return self.operator in (":?", "?")


class _Open(NamedTuple):
    name: str
    start: int
    operator: str
    argument: int


def interpolations(value: bytes) -> list[Interpolation]:
    """The variables in `value`, in order; those in a message of `:?` are none. `$$` is a dollar."""
    if b"$" not in value:
        return []
    return sorted(_found(value[:LONGEST]), key=lambda found: (found.span.start, -found.span.end))


def _found(value: bytes) -> Iterator[Interpolation]:
    stack: list[_Open] = []
    for token in _TOKEN.finditer(value):
        if len(stack) > _DEEPEST:
            return
        text = token[0]
        quiet = any("?" in outer.operator for outer in stack)
        depth = sum(1 for outer in stack if outer.name)
        if (token[1] is not None and token[2] == b"}") or token[3] is not None:
            name = (token[1] or token[3]).decode()
            if not quiet:
                yield Interpolation(name, Span(*token.span()), depth=depth)
        elif token[1] is not None:
            stack.append(_Open(token[1].decode(), token.start(), token[2].decode(), token.end()))
        elif text in (b"{", b"${"):
            stack += [_Open("", token.start(), "", token.end())] if stack else []
        elif text == b"}" and stack:
            last = stack.pop()
            outer = [each for each in stack if each.name]
            if last.name and not any("?" in each.operator for each in outer):
                span = Span(last.start, token.end())
                argument = value[last.argument : token.start()]
                yield Interpolation(last.name, span, last.operator, argument, len(outer))


def resolved(value: bytes, known: Mapping[str, bytes] = MappingProxyType({}), depth: int = 0) -> str:
    """The value with what is `known` of its variables, else their defaults; `${X}` where there is none."""
    parts, at = list[str](), 0
    for found in interpolations(value):
        if found.depth:
            continue
        parts.append(_plain(value[at : found.span.start]))
        parts.append(_filled(found, known, depth))
        at = found.span.end
    return "".join((*parts, _plain(value[at:])))


def _filled(found: Interpolation, known: Mapping[str, bytes], depth: int) -> str:
    """What a variable becomes; an empty one counts as not set where the operator has a colon."""
    given = known.get(found.name)
    is_set = given is not None and (bool(given) or ":" not in found.operator)
    taken = found.argument if is_set and "+" in found.operator else found.default
    if is_set and given is not None and "+" not in found.operator:
        return given.decode("utf-8", "replace")
    if taken is None or depth >= _DEEPEST:
        return f"${{{found.name}}}"
    return resolved(taken, known, depth + 1)


def _plain(text: bytes) -> str:
    return text.replace(b"$$", b"$").decode("utf-8", "replace")
