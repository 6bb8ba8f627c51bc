"""The refs of each remote that have to be replaced after a purge, each with the id it has there now.

What a remote gets is what it had, rewritten: the new commit of the remote-tracking branch, not of
the local branch with its unpushed work. The lease names the id that was last seen there, so
what somebody pushed in between is not overwritten.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from secopskit.git.hosts import OTHER, number_of
from secopskit.git.remotes import Remote
from secopskit.purge.model import RefChange

_UNTRACKED: Final = ("refs/tags/", "refs/notes/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A ref of a remote to be replaced: `old` is expected there. An empty `new` deletes it.

    An empty `old` says that there must be none. `certain` is False for a ref that is not tracked:
    the remote may not have it. Where the name itself holds a value, `ref` shows it redacted,
    and `digest` stands for it (see `carry_out.name_digest`).
    """

    ref: str
    old: str
    new: str
    certain: bool = True
    digest: str = ""

    @property
    def words(self) -> tuple[str, str]:
        """The lease and the refspec."""
        return f"--force-with-lease={self.ref}:{self.old}", f"{self.new}:{self.ref}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan:
    """The pushes to one remote. `readonly` are refs there that only the host can delete."""

    remote: Remote
    pushes: tuple[Push, ...]
    readonly: tuple[str, ...]

    def commands(self) -> Iterator[str]:
        """One `git push` for each ref, fit for a shell; none for names that hold a value."""
        mirror = ("-c", f"remote.{self.remote.name}.mirror=false") if self.remote.mirror else ()
        for push in self.pushes:
            if not push.digest:
                lease, refspec = push.words
                yield shlex.join(["git", *mirror, "push", lease, self.remote.name, refspec])


def plan_pushes(
    remotes: Iterable[Remote],
    changes: Sequence[RefChange],
    *,
    show: Callable[[str], str],
    digest: Callable[[str], str],
) -> tuple[PushPlan, ...]:
    """The pushes that bring `changes` to the remotes; remotes that need nothing are left out.

    `show` gives the name of a ref as it may be printed, `digest` what stands for one that may not.
    """
    plans = []
    for remote in remotes:
        readonly, pushes = [], []
        for push in _pushes(remote, changes):
            if push.ref.startswith(remote.host.own):
                readonly.append(show(push.ref))
            elif (shown := show(push.ref)) == push.ref:
                pushes.append(push)
            elif not push.new:
                pushes.append(replace(push, ref=shown, digest=digest(push.ref)))
        if pushes or readonly:
            plans.append(PushPlan(remote=remote, pushes=tuple(pushes), readonly=tuple(readonly)))
    return tuple(plans)


def unfetched_requests(remotes: Iterable[Remote], refs: Iterable[str]) -> str:
    """The command that brings the refs of the first host's pull requests here, if none is among `refs`."""
    if any(number_of(ref) for ref in refs):
        return ""
    for remote in remotes:
        own = remote.host.own[0]
        if remote.server and remote.host is not OTHER:
            return f"git fetch {remote.name} '+{own}*/head:{own}*/head'"
    return ""


def _pushes(remote: Remote, changes: Sequence[RefChange]) -> Iterator[Push]:
    told = set()
    for change in changes:
        for there, here in remote.refspecs:
            name = _other_name(change.ref, here, there)
            if name and name not in told:
                told.add(name)
                yield Push(ref=name, old=change.old, new=change.new)
    beginnings = (*_UNTRACKED, *remote.host.own, *(() if remote.refspecs else ("refs/heads/",)))
    for change in changes:
        if change.ref not in told and change.ref.startswith(beginnings):
            yield Push(ref=change.ref, old=change.old, new=change.new, certain=False)


def _other_name(ref: str, pattern: str, other: str) -> str | None:
    """What `ref` is called on the other side of a refspec, if its pattern fits."""
    if "*" not in pattern:
        return other if ref == pattern else None
    before, _, after = pattern.partition("*")
    if len(ref) < len(before) + len(after) or not (ref.startswith(before) and ref.endswith(after)):
        return None
    return other.replace("*", ref[len(before) : len(ref) - len(after)], 1)
