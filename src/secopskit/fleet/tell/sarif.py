"""SARIF for code scanning, which takes it a repository at a time: a file for each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from secopskit.fleet.document import result_of
from secopskit.fleet.store.reading import StoredRun, StoreReader
from secopskit.report.interface import RenderOptions
from secopskit.report.sarif.log import REPORTER
from secopskit.secret import plain_digest

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_FILE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}\.sarif", re.ASCII)
_LONGEST: Final = 180  # characters; file systems take 255 bytes
_SIZE: Final = 8


def logs(reader: StoreReader, run: StoredRun) -> Iterator[tuple[str, str]]:
    """For each repository that has a result, the name of a file and what belongs into it.

    Names are told apart by a number where they would be the same, and long ones end in a digest. Raises
    SecopsError.
    """
    names = {one.repository: one.name for one in reader.units(run)}
    taken = set[str]()
    for repository, document in reader.documents(run):
        stem = name = _stem(names[repository])
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.lower())
        yield f"{name}.sarif", REPORTER.render(result_of(document), RenderOptions())


def is_file_name(name: str) -> bool:
    """Whether `logs` could have named a file so."""
    return _FILE.fullmatch(name) is not None


def _stem(name: str) -> str:
    stem = _UNSAFE.sub("-", name).strip("-.") or "repository"
    if len(stem) <= _LONGEST:
        return stem
    return f"{stem[:_LONGEST]}-{plain_digest(os.fsencode(name), _SIZE)}"
