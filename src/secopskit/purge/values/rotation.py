"""Which values of a purge are rotated: by what is on record, or by the user's word."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from secopskit.errors import RefusedError, UsageError
from secopskit.purge.model import PurgeTarget

ALL: Final = "all"
_SHORTEST_ID: Final = 4


def with_rotation(
    targets: Iterable[PurgeTarget], record: Collection[str], stated: Iterable[str]
) -> tuple[PurgeTarget, ...]:
    """`targets`, marked where the record or the user says that they are rotated.

    `record` has fingerprints, `stated` holds `ALL`, numbers of values, or beginnings of finding ids. Raises
    UsageError.
    """
    targets, stated = tuple(targets), tuple(stated)
    numbers = {target.number for target in targets if target.fingerprint in record}
    for name in stated:
        if name == ALL:
            return tuple(replace(target, rotated=True) for target in targets)
        found = {target.number for target in targets if _is_named(target, name)}
        if len(found) != 1:
            raise UsageError(
                f"--rotated {name}: {'several values' if found else 'no value of the plan'} called so",
                advice="Give the number or the finding id that the plan shows, or `all`.",
            )
        numbers |= found
    return tuple(replace(target, rotated=target.number in numbers) for target in targets)


def _is_named(target: PurgeTarget, name: str) -> bool:
    if name == str(target.number):
        return True
    return len(name) >= _SHORTEST_ID and target.finding_id.startswith(name)


def refusal(unrotated: Iterable[PurgeTarget]) -> RefusedError:
    """Why a purge is not applied: these values may still open something."""
    numbers = [str(target.number) for target in unrotated]
    several = len(numbers) > 1
    return RefusedError(
        f"value{'s' if several else ''} {', '.join(numbers)}: nobody has said that "
        f"{'they have' if several else 'it has'} been rotated, and a purged key that still works "
        "is a false comfort",
        advice="Rotate first: whoever could read the repository may have a copy. Then say so: --rotated, "
        f"or for one value --rotated {numbers[0]}.",
    )
