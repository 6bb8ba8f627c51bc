"""The safeguards around a change: the consent before it, and what follows if it is interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from secopskit.conduct.consent import Respondent, TypedName, obtain
from secopskit.errors import IncompleteError
from secopskit.git.repository import Repository
from secopskit.purge.swap.recover import unfinished
from secopskit.report.text import visible


def require_consent(repository: Repository, what: str, respondent: Respondent, *, given: bool) -> None:
    """Have the name of the repository typed, after `what` happens. `given` is a consent beforehand.

    Raises RefusedError, or UsageError where nobody can be asked.
    """
    name = os.path.basename(os.path.normpath(repository.root)) or repository.root
    needed = TypedName(name=name, prompt=f"\n{what} To go on, type {visible(name)}")
    obtain(needed, respondent, yes=given)


@contextmanager
def resumable(repository: Repository) -> Iterator[None]:
    """Turn an interruption after the swap into an IncompleteError that tells how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        if unfinished(repository) is None:
            raise
        raise IncompleteError(
            "interrupted after the refs were swapped", advice="Finish it: secops purge-history --resume"
        ) from None
