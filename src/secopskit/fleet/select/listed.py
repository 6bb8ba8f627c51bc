"""Repositories that a file lists, one a line: `owner/name`, an address, a directory; `#` for comments."""

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
from secopskit.report.text import count

_LARGEST: Final = 16 * 1024 * 1024
_PATHS: Final = ("./", "../", "/", "~")
# A path may have the sign in it.
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#.*")
_FULL_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", re.ASCII)


def listed(file: BinaryIO, name: str, host: str, api: str) -> Iterator[FleetRepository]:
    """The repositories of a list called `name`. `owner/name` is one of `host`.

    Raises ConfigError, where lines are wrong at the end: the others count.
    """
    content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ConfigError(f"{name}: is larger than {_LARGEST} bytes", advice="Is it a list of repositories?")
    below = os.path.dirname(os.path.abspath(name))
    wrong = []
    for number, line in enumerate(content.decode("utf-8", "surrogateescape").splitlines(), 1):
        text = _COMMENT.sub("", line, count=1).strip()
        try:
            if text:
                yield _repository(text, below, host, api)
        except RefusedError as error:
            wrong.append(f"{name}:{number}: {error}")
    if wrong:
        more = f"; and {count(len(wrong) - 1, 'more line')}" if len(wrong) > 1 else ""
        raise ConfigError(wrong[0] + more, advice=_ADVICE)


def _repository(text: str, below: str, host: str, api: str) -> FleetRepository:
    """A directory is what begins with `.`, `/` or `~`, or is one; what looks like it, `owner/name`.

    Raises RefusedError.
    """
    path = os.path.join(below, os.path.expanduser(text))
    if text.startswith(_PATHS) or (os.path.isdir(path) and is_repository(path)):
        return local(path)  # one that has gone fails where it is to be scanned
    if _FULL_NAME.fullmatch(text) and not text.startswith("."):
        return hosted(host, text, api)
    scheme_of(text)
    *directories, last = parts_of(text)
    name = "/".join((*directories, last.removesuffix(".git")))
    return FleetRepository(name=name, kind=RepositoryKind.HOSTED, address=text)


_ADVICE: Final = "A line is `owner/name`, an address (https, ssh), or the directory of a repository."
