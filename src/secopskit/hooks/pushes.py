"""What git tells its push hooks on their standard input, and the commits that it comes down to.

`pre-push` reads `<local ref> <local oid> <remote ref> <remote oid>` a line, `pre-receive`
`<old oid> <new oid> <ref>`; see githooks(5). An id of zeros stands for a ref that is not there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from secopskit.errors import UsageError
from secopskit.git.repository import Repository

MAX_INPUT: Final = 16 * 1024 * 1024
_NO_UPDATE: Final = ("", "", "")
_OID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
ADVICE: Final = "git runs this command as a hook: see docs/hooks.md."


@dataclass(frozen=True, slots=True, kw_only=True)
class RefUpdate:
    """A ref that a push moves to `new`; `old` is empty where the other side has no such ref.

    `name` is what the other side calls it, as far as that is told.
    """

    new: str
    old: str = ""
    name: str = ""


def parse_pre_push(data: bytes) -> tuple[RefUpdate, ...]:
    """What `git push` is about to send; deleted refs send nothing. Raises UsageError."""
    lines = (line.split(" ") for line in _lines(data))
    return tuple(
        _updates((words[1], words[3], words[2]) if len(words) == 4 else _NO_UPDATE for words in lines)
    )


def parse_pre_receive(data: bytes) -> tuple[RefUpdate, ...]:
    """What a push would change here; deleted refs bring nothing. Raises UsageError."""
    lines = (line.split(" ", 2) for line in _lines(data))
    return tuple(
        _updates((words[1], words[0], words[2]) if len(words) == 3 else _NO_UPDATE for words in lines)
    )


def _lines(data: bytes) -> list[str]:
    if len(data) > MAX_INPUT:
        raise UsageError("standard input is too long for a list of refs", advice=ADVICE)
    return [line for line in os.fsdecode(data).split("\n") if line]


def _updates(told: Iterable[tuple[str, str, str]]) -> Iterator[RefUpdate]:
    for new, old, name in told:
        if not (_OID.fullmatch(new) and _OID.fullmatch(old)):
            raise UsageError("standard input is not what git tells its push hooks", advice=ADVICE)
        if new.strip("0"):
            yield RefUpdate(new=new, old=old if old.strip("0") else "", name=name)


def new_names(updates: Iterable[RefUpdate]) -> tuple[str, ...]:
    """The names of refs that a push creates: they are published with it, whatever they lead to."""
    return tuple(dict.fromkeys(update.name for update in updates if update.name and not update.old))


def unseen_branch(repository: Repository, remote: str, name: str) -> tuple[str, ...]:
    """The branch `name` of a push, if we have not seen it at `remote`: for who is not told what is there."""
    seen = f"refs/remotes/{remote}/{name.removeprefix('refs/heads/')}"
    known = not name or (
        remote and repository.succeeds("rev-parse", "-q", "--verify", "--end-of-options", seen)
    )
    return () if known else (name,)


def unknown_to_remote(repository: Repository, updates: Iterable[RefUpdate], remote: str) -> tuple[str, ...]:
    """Arguments for `git rev-list`: the commits of `updates` that `remote` has not, as far as we know.

    It has what its ref held before, unless we never fetched that, and what our remote-tracking
    refs say. `remote` may be a URL, for which there are no such refs.
    """
    updates = tuple(updates)
    known = [update.old for update in updates if update.old and _is_here(repository, update.old)]
    if remote:
        known.append(f"--remotes={remote}")
    return (*(update.new for update in updates), *(("--not", *known) if known else ()))


def unknown_to_us(updates: Iterable[RefUpdate]) -> tuple[str, ...]:
    """Arguments for `git rev-list`: the commits of `updates` that no ref of ours reaches."""
    return (*(update.new for update in updates), "--not", "--all")


def _is_here(repository: Repository, oid: str) -> bool:
    return repository.succeeds("cat-file", "-e", f"{oid}^{{commit}}")
