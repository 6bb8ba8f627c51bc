"""What is remarkable about files that are to be applied, and stops nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise

from secopskit.migrate.ledger.renames import Files, Key
from secopskit.migrate.model import PlanProblem, ProblemKind


def remarks_on_files(files: Files, chosen: Sequence[Key]) -> Iterator[PlanProblem]:
    """Notes on the `chosen` ones of `files`: one of a kind, however many files there are."""
    yield from _other_order(files, set(chosen))
    yield from _wrapped(files, chosen)


def _other_order(files: Files, chosen: set[Key]) -> Iterator[PlanProblem]:
    """Files of a Supabase project that its CLI would take in another order.

    It takes them by their names as text, and since 2026 for a push by their versions as text; see its
    pull request 6038.
    """
    for one, other in pairwise(sorted(files)) if chosen else ():
        first, second = files[one].up.path, files[other].up.path
        turned = os.path.basename(first) > os.path.basename(second)
        if turned and chosen & {one, other} and _is_supabase(first):
            yield PlanProblem(
                kind=ProblemKind.OTHER_ORDER,
                version=files[one].version,
                message=f"{first} runs before {os.path.basename(second)}; Supabase's CLI, which goes by the "
                "names as text, may run it after that",
                advice="If one of them needs the other, give both versions of 14 digits before they are "
                "applied anywhere.",
                blocking=False,
            )
            return


def _is_supabase(path: str) -> bool:
    return os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(path)))) == "supabase"


def _wrapped(files: Files, chosen: Sequence[Key]) -> Iterator[PlanProblem]:
    """Files that begin and commit a transaction of their own, which does nothing here."""
    wrapped = [files[key].up for key in chosen if files[key].up.wrapper]
    if wrapped:
        begin, commit = wrapped[0].wrapper
        more = f" and {len(wrapped) - 1} more" if len(wrapped) > 1 else ""
        verb = "has its" if len(wrapped) == 1 else "have their"
        yield PlanProblem(
            kind=ProblemKind.WRAPPED,
            version="",
            message=f"{wrapped[0].path} (lines {begin} and {commit}){more} {verb} own BEGIN and COMMIT",
            advice="They are left out: each file runs in one transaction, together with the ledger's row.",
            blocking=False,
        )
