"""A witness of the detectors: told of every value that one of them judged, for `secops explain`.

The detectors tell it what they decide anyway, at the place where they decide it, so that an explanation
cannot say anything else than a scan does. Without a witness this costs one look at a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

from secopskit.findings import Span
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue


class Judged(NamedTuple):
    """One value that was judged.

    `span` is where it stands in the blob. `rule` is the rule it was judged for, `name` the key of the
    setting it belongs to ("" where a rule's expression found it). `against` says why it is none, in words
    that follow "it"; "" if it is a match.
    """

    span: Span
    value: SecretValue
    rule: str
    name: str = ""
    against: str = ""


Witness: TypeAlias = Callable[[Judged], None]

NAME_SAYS_NOTHING: Final = "stands under a name that is not that of a secret"
_WITNESSES: Final[list[Witness]] = []


@contextmanager
def witnessed(witness: Witness) -> Iterator[None]:
    """While it lasts, `witness` is told of every value judged in this process."""
    _WITNESSES.append(witness)
    try:
        yield
    finally:
        _WITNESSES.remove(witness)


@contextmanager
def placed(source: Callable[[Span], Span]) -> Iterator[None]:
    """While it lasts, spans lie in a decoded text; `source` tells where they stand in the blob."""
    if not _WITNESSES:
        yield
        return
    outer = _WITNESSES[:]

    def tell_outer(judged: Judged) -> None:
        for one in outer:
            one(judged._replace(span=source(judged.span)))

    _WITNESSES[:] = [tell_outer]
    try:
        yield
    finally:
        _WITNESSES[:] = outer


def present() -> bool:
    """Whether there is a witness: then nothing may be passed over that was judged before."""
    return bool(_WITNESSES)


def tell(span: Span, value: bytes, rule: str, *, name: str = "", against: str = "") -> None:
    """Tell the witnesses, if there are any."""
    if _WITNESSES:
        judged = Judged(span, SecretValue(value), rule, name, against)
        for witness in _WITNESSES:
            witness(judged)
