"""Repositories that a file lists, one a line: `owner/name`, an address, or a directory; `#` is a comment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from secopskit.errors import ConfigError, RefusedError
from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.fleet.select.directories import is_repository, local
from secopskit.fleet.select.hosted import hosted
from secopskit.fleet.worker.address import parts_of, scheme_of

_LARGEST: Final = 16 * 1024 * 1024
_FULL_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", re.ASCII)


def listed(file: BinaryIO, name: str, host: str, api: str) -> Iterator[FleetRepository]:
    """The repositories of a list called `name`. `owner/name` is one of `host`. Raises ConfigError."""
    content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ConfigError(f"{name}: is larger than {_LARGEST} bytes", advice="Is it a list of repositories?")
    below = os.path.dirname(os.path.abspath(name))
    for number, line in enumerate(content.decode("utf-8", "surrogateescape").splitlines(), 1):
        text = line.partition("#")[0].strip()
        if text:
            yield _repository(text, f"{name}:{number}", below, host, api)


def _repository(text: str, where: str, below: str, host: str, api: str) -> FleetRepository:
    """A directory is what begins with `.` or `/`, or is one; what looks like it, `owner/name`."""
    path = os.path.join(below, os.path.expanduser(text))
    if os.path.isdir(path) and is_repository(path):
        return local(path)
    if _FULL_NAME.fullmatch(text) and not text.startswith("."):
        return hosted(host, text, api)
    try:
        scheme_of(text)
        *directories, last = parts_of(text)
    except RefusedError as error:
        raise ConfigError(f"{where}: {error}", advice=_ADVICE) from None
    name = "/".join((*directories, last.removesuffix(".git")))
    return FleetRepository(name=name, kind=RepositoryKind.HOSTED, address=text)


_ADVICE: Final = "A line is `owner/name`, an address (https, ssh), or the directory of a repository."
