"""Lookups that are calls, in languages that need no more than a table of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.code.reading import DefaultValue, SourceText
    from secopskit.collect.facts import DynamicLookup, VariableUse

_COMMA: Final = LazyRegex(rb"[ \t\r\n]{0,80},(?![ \t\r\n]{0,80}\))")
_CLOSED: Final = LazyRegex(rb"[ \t\r\n]{0,80}[)\]]{1,2}")
LIKELY: Final = LazyRegex(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")


class LookupCall(NamedTuple):
    """A call that looks a variable up, or an index of the environment.

    `head` ends where the name begins. `has_default`: its second argument is what counts without the variable.
    `fallback` and `demand` are what may follow the closing sign: a default comes after the one, the other
    fails without the variable. `dynamic`: a computed name is said; else it is no lookup. `likely`: only names
    of capitals count, as the call may look up other things.
    """

    head: LazyRegex[bytes]
    has_default: bool = False
    required: bool = False
    fallback: LazyRegex[bytes] | None = None
    demand: LazyRegex[bytes] | None = None
    write: LazyRegex[bytes] | None = None
    dynamic: bool = True
    likely: bool = False


def looked_up(text: SourceText, calls: tuple[LookupCall, ...]) -> Iterator[VariableUse | DynamicLookup]:
    """The lookups that the `calls` in `text` are."""
    for call in calls:
        for head in call.head.finditer(text.code):
            yield from _one(text, call, head.start(), head.end())


def _one(text: SourceText, call: LookupCall, start: int, at: int) -> Iterator[VariableUse | DynamicLookup]:
    found = text.lookup(at)
    if isinstance(found, bytes):
        if call.dynamic and not _is_parameter(text, at):
            yield text.dynamic(start, found)
        return
    name, end = found
    if call.likely and not LIKELY.fullmatch(name):
        return
    default = _second(text, end) if call.has_default else None
    required = call.required
    if closed := _CLOSED.match(text.code, end):
        if call.write and call.write.match(text.code, closed.end()):
            return
        if call.fallback and (other := call.fallback.match(text.code, closed.end())):
            default = text.default(other.end())
        elif call.demand and call.demand.match(text.code, closed.end()):
            required = True
    yield text.use(name, start, default, required=required and default is None)


def _second(text: SourceText, end: int) -> DefaultValue | None:
    comma = _COMMA.match(text.code, end)
    return text.default(comma.end()) if comma else None


_PARAMETER: Final = LazyRegex(rb"[ \t\r\n]{0,80}&?\$?([A-Za-z_]\w{0,60})[ \t\r\n]{0,80}[,)\]]")
_DEFINED: Final = LazyRegex(rb"\b(?:func|fn|fun|function|def|defp|static|public|private)\b[^\n;{}]{0,300}\(")


def _is_parameter(text: SourceText, at: int) -> bool:
    """Whether what is looked up is a parameter of the function around it: its callers give the names."""
    word = _PARAMETER.match(text.code, at)
    if word is None:
        return False
    before = text.code[max(0, at - 1500) : at]
    heads = list(_DEFINED.finditer(before))
    if not heads:
        return False
    signature = before[heads[-1].end() : heads[-1].end() + 300].partition(b")")[0]
    return re.search(rb"(?<!\w)" + re.escape(word[1]) + rb"(?!\w)", signature) is not None


def wrappers(text: SourceText, definition: LazyRegex[bytes], lookup: bytes) -> frozenset[bytes]:
    """The functions of the file that look their first parameter up.

    `definition` has the function's name and that of its parameter as groups 1 and 2, `lookup` is what stands
    before the parameter where it is looked up.
    """
    uses = list(islice(re.compile(lookup + rb"[ \t\r\n]{0,40}&?\$?(\w{1,60})").finditer(text.code), 5000))
    if not uses:
        return frozenset()
    definitions = list(islice(definition.finditer(text.code), 20_000))
    starts = [each.start() for each in definitions]
    found = set[bytes]()
    for use in uses:
        last = bisect_left(starts, use.start()) - 1
        for each in definitions[max(0, last - 1) : last + 1]:
            if each[2] == use[1] and use.start() < each.end() + 800:
                found.add(each[1])
    return frozenset(found)


def wrapped(text: SourceText, names: frozenset[bytes]) -> Iterator[VariableUse | DynamicLookup]:
    """The calls of `names`; their second argument is the default."""
    if names:
        joined = b"|".join(sorted(map(re.escape, names))[:50])
        head: LazyRegex[bytes] = LazyRegex(
            rb"(?<![\w$])(?<!func )(?<!fun )(?<!fn )(?<!function )(?<!def )(?:" + joined + rb")[ \t]{0,4}\("
        )
        yield from looked_up(text, (LookupCall(head, has_default=True, dynamic=False, likely=True),))
