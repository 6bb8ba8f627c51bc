"""Pushes that are still to be made, kept from the purge until they are: no values, ids and names only.

`<git dir>/secops/purged/pushes.json`. A second purge before the first is pushed is joined to it: the
remote still has what it had before both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.git.remotes import Remote
from secopskit.git.repository import Repository
from secopskit.purge.push.guard import directory, keep
from secopskit.purge.push.plan import Push, PushPlan
from secopskit.state.smallfiles import read_small

FILE_NAME: Final = "pushes.json"
_VERSION: Final = 1
_LIMIT: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What has not been pushed, by the name of the remote; with what the ticket has to say.

    `first` are the first changed commits and `large_files` the orphaned Git LFS objects. `done` are the
    pushes that were made since.
    """

    pushes: Mapping[str, tuple[Push, ...]]
    readonly: Mapping[str, tuple[str, ...]]
    first: tuple[str, ...] = ()
    large_files: tuple[str, ...] = ()
    done: Mapping[str, tuple[Push, ...]] = field(default_factory=dict)

    def plans(self, remotes: Iterable[Remote]) -> tuple[PushPlan, ...]:
        """The push plans for the remotes that are still configured."""
        return tuple(
            PushPlan(
                remote=remote,
                pushes=self.pushes.get(remote.name, ()),
                readonly=self.readonly.get(remote.name, ()),
            )
            for remote in remotes
            if remote.name in self.pushes or remote.name in self.readonly
        )

    def joined(self, plans: Iterable[PushPlan], first: Iterable[str], large: Iterable[str]) -> Pending:
        """With what another purge adds."""
        pushes, readonly = dict(self.pushes), dict(self.readonly)
        for plan in plans:
            name = plan.remote.name
            pushes[name] = _joined(pushes.get(name, ()), plan.pushes)
            readonly[name] = tuple(dict.fromkeys((*readonly.get(name, ()), *plan.readonly)))
        return Pending(
            pushes=pushes,
            readonly=readonly,
            first=tuple(dict.fromkeys((*self.first, *first))),
            large_files=tuple(dict.fromkeys((*self.large_files, *large))),
            done=self.done,
        )

    def without(self, remote: str, refs: Iterable[str], *, pushed: Iterable[str] = ()) -> Pending:
        """Without these refs of a remote: they are as they should be. `pushed` are those changed by us."""
        well, ours = set(refs), set(pushed)
        before = self.pushes.get(remote, ())
        left = tuple(push for push in before if push.ref not in well)
        made = tuple(push for push in before if push.ref in ours)
        known = tuple(push for push in self.done.get(remote, ()) if push.ref not in ours)
        done = {**self.done, remote: (*known, *made)} if made else self.done
        return replace(self, pushes={**self.pushes, remote: left}, done=done)


NOTHING: Final = Pending(pushes={}, readonly={})


def _joined(before: Iterable[Push], after: Iterable[Push]) -> tuple[Push, ...]:
    """One push for each ref. What the first purge made, the second replaces on its way out."""
    known = {(push.ref, push.digest): push for push in before}
    for push in after:
        name = (push.ref, push.digest)
        earlier = known.get(name)
        if earlier and earlier.new == push.old:
            push = replace(push, old=earlier.old, certain=earlier.certain)  # noqa: PLW2901 - the same push
        known[name] = push
    return tuple(push for push in known.values() if push.old or push.new)


def load(repository: Repository) -> Pending:
    """What is still to be pushed. Raises ConfigError for a damaged record."""
    path = os.path.join(directory(repository), FILE_NAME)
    if not os.path.lexists(path):
        return NOTHING
    try:
        return _from_json(json.loads(read_small(path, limit=_LIMIT)))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError(
            f"{path}: is not a record of pushes", advice="Push by the commands of the report."
        ) from None


def save(repository: Repository, pending: Pending) -> None:
    """Keep it. Raises SecopsError."""
    document = {"version": _VERSION, **asdict(pending)}
    keep(directory(repository), FILE_NAME, json.dumps(document).encode())


def forget(repository: Repository) -> None:
    """Nothing is to be pushed any more."""
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(directory(repository), FILE_NAME))


def _from_json(document: dict[str, Any]) -> Pending:
    if document["version"] != _VERSION:
        raise ValueError
    return Pending(
        pushes=_pushes(document["pushes"]),
        readonly={str(name): tuple(refs) for name, refs in document["readonly"].items()},
        first=tuple(document["first"]),
        large_files=tuple(document["large_files"]),
        done=_pushes(document.get("done", {})),
    )


def _pushes(document: dict[str, Any]) -> dict[str, tuple[Push, ...]]:
    return {str(name): tuple(Push(**push) for push in pushes) for name, pushes in document.items()}
