"""SARIF for code scanning, which takes it a repository at a time: a file for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from secopskit.fleet.document import result_of
from secopskit.fleet.store.reading import StoredRun, StoreReader
from secopskit.report.interface import RenderOptions
from secopskit.report.sarif.log import REPORTER

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)


def logs(reader: StoreReader, run: StoredRun) -> Iterator[tuple[str, str]]:
    """For each repository that has a result, the name of a file and what belongs into it.

    Names are told apart by a number where they would be the same. Raises SecopsError.
    """
    names = {one.repository: one.name for one in reader.units(run)}
    taken = set[str]()
    for repository, document in reader.documents(run):
        stem = name = _UNSAFE.sub("-", names[repository]).strip("-.") or "repository"
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.lower())
        yield f"{name}.sarif", REPORTER.render(result_of(document), RenderOptions())
