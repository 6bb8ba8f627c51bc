"""Use case of new files: an empty migration under the next version."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import Final

from secopskit.errors import UsageError
from secopskit.migrate.model import Migration
from secopskit.migrate.read.files import load_migrations, refuse_outside
from secopskit.migrate.read.names import version_key

_LONGEST_NAME: Final = 100
_COUNTED: Final = re.compile(r"\d{1,6}")
_NO_TRANSACTION: Final = "-- secops: no-transaction\n"
_UP: Final = "-- {name}\n"
_DOWN: Final = "-- Undoes {file}. Data written since may be lost: review it before anybody needs it.\n"


def write_new(
    directory: str, title: str, *, down: bool = False, transaction: bool = True, within: str = ""
) -> tuple[str, list[str]]:
    """Write an empty migration called after `title`; returns its version and the paths of its files.

    With `down`, there is also the file that undoes it. Raises UsageError for a title that makes no
    name, or a directory that cannot be read; RefusedError for one that leads out of the tree `within`.
    """
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    if not name or len(name) > _LONGEST_NAME:
        raise UsageError(
            f"the name must have letters or digits, and at most {_LONGEST_NAME}",
            advice="Such as: add_users.",
        )
    if within:
        refuse_outside(directory, within)
    os.makedirs(directory, exist_ok=True)
    version = next_version(load_migrations(directory).migrations, datetime.now(UTC))
    file = f"{version}_{name}.sql"
    head = "" if transaction else _NO_TRANSACTION
    texts = {file: head + _UP.format(name=title.replace("\n", " "))}
    if down:
        texts[f"{version}_{name}.down.sql"] = head + _DOWN.format(file=file)
    paths = [os.path.join(directory, name) for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    return version, paths


def next_version(migrations: tuple[Migration, ...], now: datetime) -> str:
    """The next number where versions are counted, else the time: newer than any there is."""
    newest = max((m.version for m in migrations), key=version_key, default="")
    if _COUNTED.fullmatch(newest):
        return str(int(newest) + 1).zfill(len(newest))
    time = now.strftime("%Y%m%d%H%M%S")
    key = version_key(newest)
    return time if key < version_key(time) else str(key[0] + 1)
