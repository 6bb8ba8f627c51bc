"""Files that git writes through a program: a clean/smudge filter, which a purge does not run.

What it would write instead is the content as git has it. Where the file differs from that, something of it
would be lost, and no rollback could bring it back.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from secopskit.errors import GitError, RefusedError
from secopskit.git.repository import Repository

# Its pointers are dealt with as such: see `find.content.large_files`.
_OF_ITS_OWN: Final = "lfs"
_COMMANDS: Final = r"^filter\..*\.(clean|smudge|process)$"


def filtered_files(seen: Repository, paths: Iterable[str]) -> Mapping[str, str]:
    """Those of the `paths` that go through a filter, with its name. Raises GitError.

    `seen` is the view of a work tree, with the configuration as it is.
    """
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    drivers = _drivers(seen) if asked else frozenset[str]()
    if not drivers:
        return {}
    words = ("-c", f"core.attributesFile={_attributes(seen)}", "check-attr", "--stdin", "-z", "filter")
    answers = os.fsdecode(seen.run(*words, stdin=asked)).split("\0")
    found = zip(answers[::3], answers[2::3], strict=False)
    return {path: driver for path, driver in found if driver in drivers}


def is_foreign(driver: str) -> bool:
    """Whether nothing here knows what the filter does."""
    return driver != _OF_ITS_OWN


def through_a_filter(place: str, driver: str, shown: Sequence[str]) -> RefusedError:
    """The refusal for files of the work tree `place`, `shown` without the values that may stand in them."""
    git, files = f"git -C {shlex.quote(place)}", " ".join(map(shlex.quote, shown))
    more = f" (and {len(shown) - 1} more)" if len(shown) > 1 else ""
    return RefusedError(
        f"{os.path.join(place, shown[0])}{more}: has to change, and differs from what git has of it, by the "
        f"filter {driver}: filters are not run, and what they or you have added would be lost",
        advice=f"Stop tracking it, which leaves it on the disk: `{git} rm --cached -- {files}`, and commit "
        "that. Or commit it with a placeholder where the value stands. Then purge again.",
    )


def _drivers(seen: Repository) -> frozenset[str]:
    """The filters for which the configuration names a program."""
    try:
        listed = os.fsdecode(seen.run("config", "--null", "--get-regexp", _COMMANDS))
    except GitError:  # there are none
        return frozenset()
    entries = (entry.partition("\n") for entry in listed.split("\0"))
    return frozenset(name.split(".", 1)[1].rpartition(".")[0] for name, _, program in entries if program)


def _attributes(seen: Repository) -> str:
    """The file of attributes that git goes by beside those of the repository; ours goes by none."""
    for scope in ("--local", "--global", "--system"):
        with suppress(GitError):
            told = seen.run("config", scope, "--type=path", "--get", "core.attributesFile")
            path = os.path.join(seen.root, os.fsdecode(told).removesuffix("\n"))
            return path if os.path.isfile(path) else os.devnull
    base = seen.environ.get("XDG_CONFIG_HOME") or os.path.expanduser(os.path.join("~", ".config"))
    return os.path.join(base, "git", "attributes")
