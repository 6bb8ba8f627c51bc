"""Where what a scan of a repository learnt is kept, so that the next one reads only what is new.

A git object never changes, and neither does a pack: what was clean under a rule set stays
clean under it. A scan that could not read all there is leaves nothing: an object that is repaired has the
file and the name that it had. The cache holds object ids, names, commits, dates and
the places of findings; never a value, nor anything made from one. Values are read again each time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError, GitError
from secopskit.git.repository import Repository
from secopskit.git.worktrees import linked_directory
from secopskit.progress import still_at_work
from secopskit.scan.history.memory.unchanged import names_in, written
from secopskit.scan.history.program import this_program
from secopskit.scan.run import UnsievedScan
from secopskit.state.smallfiles import read_small
from secopskit.state.store import Store

if TYPE_CHECKING:
    from secopskit.redaction import NameRedaction
    from secopskit.scan.history.memory.cached_scan import CachedScan

_NAME: Final = "history-scan"
_RESULT: Final = "history-result"


class HistoryCache:
    """The memory of one repository for one set of rules and options (`label`)."""

    def __init__(self, repository: Repository, keys: str, label: bytes) -> None:
        self._store = Store(repository.state_dir, keys=keys)
        self._label = label + this_program()

    def load(self) -> CachedScan | None:
        """What was kept, if it is ours, whole and made with the same label."""
        from secopskit.scan.history.memory.cached_scan import decode  # where nothing has changed, nobody asks

        content = self._store.load(_NAME, self._label)
        return decode(json.loads(content)) if content else None

    def save(self, memory: CachedScan, values: NameRedaction) -> None:
        """Keep `memory` for the next scan; on a read-only disk, silently not.

        Where one of the `values` stands in the name of a file or an author, nothing is kept.
        """
        from secopskit.scan.history.memory.cached_scan import encode

        hides = values.stands_in(memory.told())
        still_at_work()
        kept = {} if hides else encode(memory)
        still_at_work()
        self._store.save(_NAME, self._label, b"" if hides else json.dumps(kept).encode())
        still_at_work()

    def load_result(self) -> bytes | None:
        """What `save_result` was given last, if it is ours, whole and made with the same label."""
        return self._store.load(_RESULT, self._label)

    def save_result(self, scan: UnsievedScan, state: str, values: NameRedaction) -> None:
        """Keep what a scan of a repository in that `state` came to, on the same terms."""
        hides = values.stands_in(names_in(scan))
        self._store.save(_RESULT, self._label, b"" if hides else written(scan, state))


def refs_digest(repository: Repository) -> str:
    """Changes when any ref does, HEAD and those of linked work trees included. Raises GitError."""
    return asked_refs(repository)()


def asked_refs(repository: Repository) -> Callable[[], str]:
    """Ask git for `refs_digest`; what is returned waits for the answer. Raises GitError."""
    listing = repository.begin("for-each-ref", "--format=%(objectname) %(refname)")
    head = repository.begin("rev-parse", "-q", "--verify", "HEAD")
    others = _linked_heads(repository)

    def answer() -> str:
        told = listing.output() + others
        with suppress(GitError):  # of a HEAD without a commit
            told += head.output()
        return hashlib.blake2b(told, digest_size=16).hexdigest()

    return answer


def _linked_heads(repository: Repository) -> bytes:
    """What the HEAD of each work tree says, where there are several."""
    told, linked = b"", linked_directory(repository)
    if os.path.isdir(linked):
        places = (os.path.join(linked, name) for name in sorted(os.listdir(linked)))
        for place in (repository.common_dir, *places):
            with suppress(ConfigError):
                told += read_small(os.path.join(place, "HEAD"))
    return told
