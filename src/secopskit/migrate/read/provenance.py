"""Whether files are those that were committed: for environments that want to know where they come from.

Files are compared as text, so that no filter of the repository has a part in it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from secopskit.errors import RefusedError
from secopskit.git.facts import RepositoryFacts
from secopskit.git.repository import Repository
from secopskit.migrate.model import Script
from secopskit.migrate.read.checksum import normalise

_SHOWN = 3


def require_clean(repository: Repository) -> None:
    """Raise RefusedError if the work tree has changes that are not committed, or files unknown to git."""
    names = RepositoryFacts(repository).uncommitted()
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise RefusedError(
            f"the work tree has changes that are not committed: {', '.join(names[:_SHOWN])}{more}",
            advice="Commit them or stash them away.",
        )


def require_tag(repository: Repository, scripts: Sequence[Script]) -> str:
    """The tag of the commit we are at. Raises RefusedError if it has none or `scripts` are not its own."""
    tags = repository.run("tag", "--points-at", "HEAD").decode("utf-8", "replace").split("\n")
    if not tags[0]:
        raise RefusedError(
            "the commit that is checked out has no tag", advice="Check out the tag that is to be deployed."
        )
    for script in scripts:
        if committed_text(repository, script.path) != script.text:
            raise RefusedError(
                f"{script.path}: is not the file of the tagged commit ({tags[0]})",
                advice="Check out the tag anew, with nothing changed.",
            )
    return tags[0]


def committed_text(repository: Repository, path: str) -> str | None:
    """The normalised text that `path` has in the commit we are at; None if it is not in there."""
    name = os.path.relpath(os.path.realpath(path), os.path.realpath(repository.root)).replace(os.sep, "/")
    if name.startswith("../") or not repository.succeeds("cat-file", "-e", f"HEAD:{name}"):
        return None
    try:
        return normalise(repository.run("cat-file", "blob", f"HEAD:{name}"))
    except UnicodeDecodeError:
        return None
