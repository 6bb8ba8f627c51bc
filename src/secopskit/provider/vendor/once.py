"""Making something at a vendor that must not be made twice, over a line that may break at any point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from secopskit.errors import SecopsError

_Made = TypeVar("_Made")
_TRIES: Final = 3
_NO: Final = range(400, 500)


def made_once(sweep: Callable[[], object], make: Callable[[], _Made]) -> _Made:
    """What `make` makes, after `sweep` has removed what an attempt before left behind.

    An attempt of which nobody knows whether it succeeded (no answer, or an error of the server's) is
    swept and made again. Raises what `make` raises, once the vendor says no or the tries are used up.
    """
    for left in reversed(range(_TRIES)):
        sweep()
        try:
            return make()
        except SecopsError as error:
            if not left or not may_be_done(error):
                raise
    raise AssertionError("unreachable")


def may_be_done(error: SecopsError) -> bool:
    """Whether a failed request may have changed something: the vendor gave no clear no."""
    status = getattr(error, "status", None)
    return isinstance(status, int) and status not in _NO
