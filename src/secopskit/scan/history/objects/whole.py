"""Whether a clone has all objects that its refs and reflogs lead to.

A scan reads what is there. A look that is to prove that something is gone has to know that nothing lacks:
objects that were lost, damaged, or never fetched, which no marker of git's (`shallow`, a promisor) tells of.
"""

from __future__ import annotations

import hashlib
from typing import Final

from secopskit.errors import GitError
from secopskit.git.refs import plain_view
from secopskit.git.repository import Repository
from secopskit.scan.history.cache import refs_digest
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.state.store import Store

_NAME: Final = "history-whole"
_WORDS: Final = ("rev-list", "--objects", "--missing=print", "--quiet", "--all", "--reflog")


def is_whole(repository: Repository, *, keys: str | None = None) -> bool:
    """Whether no object lacks, by the history as it is: grafts and replacements hide nothing.

    git walks all of it, once for each state of refs and object files: that it was whole is kept in the git
    directory, under a key in the directory `keys` (None: it is not kept). Raises GitError.
    """
    store, label = Store(repository.state_dir, keys=keys), b""
    if keys:
        label = _state(repository)
        if store.load(_NAME, label) is not None:
            return True
    whole = _walk(repository)
    if whole and keys:
        store.save(_NAME, label, b"whole")
    return whole


def _walk(repository: Repository) -> bool:
    try:
        with plain_view(repository).stream(*_WORDS) as output:
            lacking = output.read(1)
            while output.read(1 << 16):
                pass
    except GitError:  # it gives up where a commit lacks, or an object on the way is damaged
        return False
    return not lacking


def _state(repository: Repository) -> bytes:
    """Changes when any ref does, or any file that objects lie in."""
    files = ObjectFiles.of(repository)
    names = "\n".join((refs_digest(repository), *sorted(files.packs), *sorted(files.loose)))
    return hashlib.blake2b(names.encode("utf-8", "surrogateescape"), digest_size=32).digest()
