"""Work that a thread does beside what comes next: who reads and hashes megabytes leaves Python free."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def beside(make: Callable[[], T]) -> Callable[[], T]:
    """Begin `make`; what is returned waits for its result, and raises what it has raised.

    It is to be waited for before this process is copied: a copy has no such thread.
    """
    results, errors = list[T](), list[BaseException]()

    def work() -> None:
        try:
            results.append(make())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            errors.append(error)

    thread = Thread(target=work, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # there may be no more threads
        return make

    def waited() -> T:
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    return waited
