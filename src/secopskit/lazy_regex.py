"""Regular expressions that are compiled when they are first used: importing them costs nothing.

What compiling comes to is a row of numbers. `compiled_forms` gives it for a later process of the same
interpreter, whose `remember` makes that process compile none of them: start-up is short then.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, AnyStr, Generic, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Source: TypeAlias = tuple[str | bytes, int]
"""An expression and its flags."""
Form: TypeAlias = tuple[int, bytes, int, tuple[tuple[str, int], ...]]
"""Its flags, those in the expression included, its code, and the numbers and names of its groups."""

_remembered: dict[Source, Form] = {}
_made: set[Source] = set()


def compiled(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, in a hundredth of the time if the expression is remembered. Raises `re.error`."""
    form = _remembered.get((source, flags))
    return _rebuilt(source, form) if form else re.compile(source, flags)


def prepared(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, for a module that is imported after `remember`; it is among the `compiled_forms`.

    What is matched often is better off with it than with a `LazyRegex`, which costs a call each time.
    Raises `re.error`.
    """
    _made.add((source, int(flags)))
    return compiled(source, flags)


def remember(forms: Mapping[Source, Form]) -> None:
    """Take over what `compiled_forms` gave to a process of the same interpreter. It has to be trusted."""
    _remembered.update(forms)


def compiled_forms(sources: Iterable[Source]) -> dict[Source, Form]:
    """The compiled forms of `sources` and of all lazy and prepared expressions so far.

    What is no expression is left out, and so is all where the interpreter has its own way to compile.
    """
    forms = ((source, _form(*source)) for source in {*sources, *_made})
    return {source: form for source, form in forms if form}


def _form(source: Any, flags: int) -> Form | None:
    try:
        # There is no public access to it, so no types either.
        parser: Any = import_module("re._parser")
        compiler: Any = import_module("re._compiler")
        tree = parser.parse(source, flags)
        code = array("I", compiler._code(tree, flags)).tobytes()
        state = tree.state
        form = (int(flags | state.flags), code, state.groups - 1, tuple(state.groupdict.items()))
        usual, ours = re.compile(source, flags), _rebuilt(source, form)
    except (re.error, ImportError, AttributeError, TypeError, ValueError, OverflowError):
        return None
    same = ours == usual and ours.groups == usual.groups and ours.groupindex == usual.groupindex
    return form if same else None


def _rebuilt(source: Any, form: Form) -> re.Pattern[Any]:
    flags, code, groups, names = form
    numbers = array("I", code).tolist()
    by_number: list[str | None] = [None] * (groups + 1)
    for name, number in names:
        by_number[number] = name
    machine: Any = import_module("_sre")
    pattern: re.Pattern[Any] = machine.compile(source, flags, numbers, groups, dict(names), tuple(by_number))
    return pattern


class LazyRegex(Generic[AnyStr]):
    """An expression with the methods of a compiled one."""

    def __init__(self, source: AnyStr, flags: int = 0) -> None:
        self._source: AnyStr = source
        self._flags = flags
        _made.add((source, int(flags)))

    @property
    def source(self) -> AnyStr:
        """The expression as it is written."""
        return self._source

    @cached_property
    def _pattern(self) -> re.Pattern[AnyStr]:
        return compiled(self._source, self._flags)

    def search(self, text: AnyStr, pos: int = 0, endpos: int = sys.maxsize) -> re.Match[AnyStr] | None:
        """See `re.Pattern.search`."""
        return self._pattern.search(text, pos, endpos)

    def match(self, text: AnyStr, pos: int = 0, endpos: int = sys.maxsize) -> re.Match[AnyStr] | None:
        """See `re.Pattern.match`."""
        return self._pattern.match(text, pos, endpos)

    def fullmatch(self, text: AnyStr) -> re.Match[AnyStr] | None:
        """See `re.Pattern.fullmatch`."""
        return self._pattern.fullmatch(text)

    def finditer(self, text: AnyStr, pos: int = 0, endpos: int = sys.maxsize) -> Iterator[re.Match[AnyStr]]:
        """See `re.Pattern.finditer`."""
        return self._pattern.finditer(text, pos, endpos)

    def sub(self, replacement: AnyStr | Callable[[re.Match[AnyStr]], AnyStr], text: AnyStr) -> AnyStr:
        """See `re.Pattern.sub`."""
        return self._pattern.sub(replacement, text)

    def split(self, text: AnyStr, maxsplit: int = 0) -> list[AnyStr]:
        """The parts of `text` between matches; for an expression without groups."""
        return self._pattern.split(text, maxsplit)


class TailRegex(LazyRegex[bytes]):
    """An expression that ends in `$` and takes `width` bytes at most: only the end of a text is looked at."""

    def __init__(self, source: bytes, *, width: int) -> None:
        super().__init__(source)
        self.width = width

    def search(self, text: bytes, pos: int = 0, endpos: int = sys.maxsize) -> re.Match[bytes] | None:
        """See `re.Pattern.search`."""
        # One more: `$` matches before a line feed at the end, too.
        return self._pattern.search(text, max(pos, min(len(text), endpos) - self.width - 1), endpos)

    def cut(self, text: bytes) -> bytes:
        """`text` without the match."""
        found = self.search(text)
        return text[: found.start()] + text[found.end() :] if found else text
