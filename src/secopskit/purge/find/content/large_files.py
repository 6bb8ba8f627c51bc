"""Git LFS: pointer files, the stored objects behind them, and which of those hold a value.

A pointer is a small file that names an object by its SHA-256 (the pointer format, version 1, of Git
LFS); the objects that were fetched lie in the git directory, in `lfs/objects`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from secopskit.git.objects.lasting import read_each
from secopskit.git.objects.object_id import object_id
from secopskit.git.repository import Repository
from secopskit.purge.find.content.filesearch import search_files
from secopskit.purge.model import ArchivedHit, Survey
from secopskit.purge.values.matcher import ValueMatcher

STORE: Final = os.path.join("lfs", "objects")
_VERSION: Final = "version https://git-lfs.github.com/spec/v1"
_MEMBER: Final = "Git LFS object"
_POINTER: Final = re.compile(
    rb"version https?://[^\n]{1,200}\n(?:[^\n]{0,500}\n){0,8}?oid sha256:([0-9a-f]{64})\n"
)
_POINTER_SIZE: Final = 1024
_STORED: Final = re.compile(r"[0-9a-f]{64}")


def pointers(repository: Repository, blobs: Iterable[str]) -> dict[str, str]:
    """Those of the blobs that are pointers, with the ids of the objects they stand for. Raises GitError."""
    return {
        one.oid: found[1].decode()
        for one in read_each(repository, sorted(blobs), limit=_POINTER_SIZE)
        if one.data and (found := _POINTER.match(one.data))
    }


def stored_path(oid: str) -> str:
    """Where a stored object lies, below the common git directory."""
    return os.path.join(STORE, oid[:2], oid[2:4], oid)


def with_pointers(repository: Repository, found: Survey, matcher: ValueMatcher) -> Survey:
    """The survey with pointers to stored objects that hold a value, as archives are. Raises GitError."""
    store = os.path.join(repository.common_dir, STORE)
    if not len(matcher) or not os.path.isdir(store):
        return found
    held = dict[str, tuple[int, ...]]()
    for hit in search_files(store, matcher):
        oid = os.path.basename(hit.path)
        if hit.numbers and _STORED.fullmatch(oid):
            size = os.path.getsize(os.path.join(store, hit.path))
            text = f"{_VERSION}\noid sha256:{oid}\nsize {size}\n".encode()
            held[object_id(repository.object_format, "blob", text).hex()] = hit.numbers
    return _joined(found, _present(repository, held))


def _present(repository: Repository, held: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    asked = "".join(f"{oid}\n" for oid in held).encode()
    lines = repository.run("cat-file", "--batch-check=%(objectname)", stdin=asked).decode().splitlines()
    return {oid: held[oid] for oid in lines if oid in held}


def _joined(found: Survey, held: Mapping[str, tuple[int, ...]]) -> Survey:
    if not held:
        return found
    hits = {oid: (ArchivedHit(_MEMBER, numbers),) for oid, numbers in held.items()}
    return replace(found, blobs={**found.blobs, **held}, archives={**found.archives, **hits})
