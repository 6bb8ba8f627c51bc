"""What is known of a value's rotation: the seam between `secops rotate` and the purge.

`<git dir>/secops/rotations.json` is `{"version": 1, "rotated": {"<fingerprint>": "<when>"}}`,
fingerprints under the repository's own key, times in ISO 8601. It is only read here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from secopskit.errors import ConfigError, RefusedError, UsageError
from secopskit.git.repository import Repository
from secopskit.purge.model import PurgeTarget
from secopskit.state.smallfiles import read_small

FILE_NAME: Final = "rotations.json"
ALL: Final = "all"
_VERSION: Final = 1
_SHORTEST_ID: Final = 4


def recorded(repository: Repository) -> Mapping[str, str]:
    """When each value was rotated, by fingerprint, as far as it is on record. Raises ConfigError."""
    path = os.path.join(repository.state_dir, FILE_NAME)
    if not os.path.lexists(path):
        return {}
    try:
        document = json.loads(read_small(path, within=repository.common_dir))
        known = document["rotated"] if document["version"] == _VERSION else None
    except (ValueError, KeyError, TypeError, RecursionError):
        known = None
    if not isinstance(known, dict) or not all(isinstance(when, str) for when in known.values()):
        raise ConfigError(
            f"{path}: is not a record of rotations", advice="Move it away, and state it with --rotated."
        )
    return known


def with_rotation(
    targets: Iterable[PurgeTarget], record: Mapping[str, str], stated: Iterable[str]
) -> tuple[PurgeTarget, ...]:
    """`targets`, marked where the record or the user says that they are rotated.

    `stated` holds `ALL`, numbers of values, or beginnings of finding ids. Raises UsageError.
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
