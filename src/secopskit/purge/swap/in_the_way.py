"""The refusals for files that have to change and have been changed by their user.

After a rotation the copy on the disk holds the new value: no advice here may bring it into a commit.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Final

from secopskit.detect.role import is_template
from secopskit.detect.structure import DETECTORS
from secopskit.errors import RefusedError
from secopskit.git.repository import Repository

_DOTENV: Final = next(one for one in DETECTORS if one.name == "dotenv")


def uncommitted(seen: Repository, place: str, paths: Sequence[str], shown: Sequence[str]) -> RefusedError:
    """The refusal for tracked files of the work tree `place` with changes that are not committed.

    `shown` are the paths, in the same order, without the values that may stand in them.
    """
    local = [name for path, name in zip(paths, shown, strict=True) if _is_local(seen, path)]
    named = local or list(shown)
    git, files = f"git -C {shlex.quote(place)}", " ".join(map(shlex.quote, named))
    if local:
        advice = (
            f"Do not commit what it holds: new values would leak. Stop tracking it, which leaves it on the "
            f"disk: `{git} rm --cached -- {files}`, name it in .gitignore, then "
            f"`{git} commit -m 'Stop tracking local settings'`."
        )
    else:
        scanned = " ".join(shlex.quote(os.path.join(place, name)) for name in named)
        advice = (
            f"`{git} stash push -- {files}`. Commit it only if no new value stands in it: "
            f"`secops scan {scanned}` must find nothing."
        )
    more = f" (and {len(named) - 1} more)" if len(named) > 1 else ""
    return RefusedError(
        f"{os.path.join(place, named[0])}{more}: has to change, and has changes that are not committed",
        advice=advice,
    )


def assumed_unchanged(place: str, shown: str) -> RefusedError:
    """The refusal for a file that git was told to assume unchanged."""
    return RefusedError(
        f"{os.path.join(place, shown)}: has to change, and is assumed unchanged",
        advice=f"`git -C {shlex.quote(place)} update-index --no-assume-unchanged -- {shlex.quote(shown)}`.",
    )


def _is_local(seen: Repository, path: str) -> bool:
    """Whether the file is one that should never have been tracked: a dotenv file, or one that git ignores."""
    if _DOTENV.is_named(path) and not is_template(path):
        return True
    return seen.succeeds("check-ignore", "--no-index", "--quiet", "--", path)
