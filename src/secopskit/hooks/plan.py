"""Installing and removing hooks: first a plan that can be printed, then its steps.

A foreign hook is never lost: at every moment it has its own name, the chained name, or both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.git.repository import Repository
from secopskit.hooks.directory import (
    HooksDirectory,
    HooksReach,
    hooks_directory,
    is_runnable,
    manager_of,
    read_hook,
)
from secopskit.hooks.script import CHAINED_SUFFIX, HOOKS, Interpreter, is_ours, is_outdated, render, scans
from secopskit.state.private import replace_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteHook:
    """Put our hook at `path`, over one of ours that may be there."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHook:
    """Give the foreign hook at `path` its second name, under which ours calls it."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveHook:
    """Remove our hook; nothing was there before."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreHook:
    """Put the chained hook back into the place of ours."""

    path: str


HookStep = WriteHook | ChainHook | RemoveHook | RestoreHook


@dataclass(frozen=True, slots=True, kw_only=True)
class HookPlan:
    """What will be done, in order. `nothing` says why there is nothing to do."""

    steps: tuple[HookStep, ...]
    nothing: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The plan for people, a line a step."""
        return tuple(_words(step) for step in self.steps) or (self.nothing,)

    def apply(self) -> None:
        """Do it. Raises SecopsError; what was done until then is whole, and can be done again."""
        for step in self.steps:
            try:
                _apply(step)
            except OSError as error:
                raise SecopsError(
                    f"{step.path}: {error.strerror or 'cannot be written'}",
                    advice="Check the directory's mode.",
                ) from None


def plan_install(
    directory: Path, hooks: tuple[str, ...], interpreter: Interpreter, *, shared: bool, guards: bool = False
) -> HookPlan:
    """The steps that put our `hooks` in place. Raises RefusedError, UsageError, GitError.

    With `guards`, so is the one that rejects purged objects: before a push, or in a bare repository
    on its arrival. Unless it is among `hooks`, it does no more than that. Other hooks of ours that are
    outdated, or that nobody may execute, are renewed too.
    """
    repository = _repository(directory)
    if hooks:
        _require_commits(repository)
    where = _writable_directory(repository, shared=shared)
    steps = [step for hook in hooks for step in _install(where, hook, render(hook, interpreter))]
    guard = "pre-push" if repository.work_tree else "pre-receive"
    if guards and guard not in hooks:
        steps += _install(where, guard, render(guard, interpreter, purged_only=True))
    steps += _renew(where, interpreter, {step.path for step in steps})
    return HookPlan(steps=tuple(steps), nothing="our hooks are in place")


def _install(where: HooksDirectory, hook: str, content: bytes) -> Iterator[HookStep]:
    path = where.file(hook)
    found = read_hook(path)
    if found is not None and is_ours(found) and scans(found) and not scans(content):
        return  # what is there does that, and more
    if manager := manager_of(where, found):
        raise RefusedError(f"{path}: {manager.value} manages the hooks here", advice=manager.advice)
    if found == content and is_runnable(path):
        return
    if found is not None and not is_ours(found):
        if os.path.lexists(path + CHAINED_SUFFIX) and not _same(path, path + CHAINED_SUFFIX):
            raise RefusedError(
                f"{path}: not ours, and neither is {path + CHAINED_SUFFIX}; one of them would be lost",
                advice="Join the two into one file, then try again.",
            )
        yield ChainHook(path=path)
    yield WriteHook(path=path, content=content)


def _renew(where: HooksDirectory, interpreter: Interpreter, done: set[str]) -> Iterator[HookStep]:
    """The steps that write our outdated hooks anew, each for the purpose that it had."""
    for hook in HOOKS:
        path = where.file(hook)
        found = None if path in done else read_hook(path)
        if found is not None and is_ours(found) and (is_outdated(found) or not is_runnable(path)):
            yield WriteHook(path=path, content=render(hook, interpreter, purged_only=not scans(found)))


def plan_uninstall(directory: Path, *, shared: bool) -> HookPlan:
    """The steps that take our hooks away. Raises RefusedError, UsageError, GitError."""
    where = _writable_directory(_repository(directory), shared=shared)
    steps = tuple(step for hook in HOOKS for step in _uninstall(where.file(hook)))
    return HookPlan(steps=steps, nothing="no hook of ours is installed")


def _uninstall(path: str) -> Iterator[HookStep]:
    found = read_hook(path)
    if found is not None and is_ours(found):
        yield RestoreHook(path=path) if os.path.lexists(path + CHAINED_SUFFIX) else RemoveHook(path=path)


def _repository(directory: Path) -> Repository:
    repository = Repository.open(str(directory))
    if repository is None:
        raise UsageError(f"{directory}: not a git repository", advice="Run it inside one.")
    return repository


def _require_commits(repository: Repository) -> None:
    """Raise RefusedError where nobody commits or pushes, and git would never run the hook."""
    linked = os.path.join(repository.common_dir, "worktrees")  # these share the hooks of a bare repository
    if not repository.work_tree and not os.path.isdir(linked):
        raise RefusedError(
            f"{repository.root}: is a bare repository, where git runs no hook of a commit",
            advice="Check what is pushed to it: write a hook that runs `secops hook pre-receive`, "
            "see docs/hooks.md.",
        )


def _writable_directory(repository: Repository, *, shared: bool) -> HooksDirectory:
    where = hooks_directory(repository)
    if where.reach is not HooksReach.REPOSITORY and not shared and not _managed(where):
        raise RefusedError(
            f"core.hooksPath is {where.path}; it is {where.reach.value}",
            advice="Add `secops hook run` to the pre-commit hook there, or say --shared to write into it.",
        )
    return where


def _managed(where: HooksDirectory) -> bool:
    return manager_of(where, None) is not None


def _same(one: str, other: str) -> bool:
    """Whether the two names are one file: an installation was cut off between its steps."""
    return os.path.samestat(os.lstat(one), os.lstat(other))


def _words(step: HookStep) -> str:
    match step:
        case WriteHook():
            return f"write {step.path}"
        case ChainHook():
            return f"keep the hook that is there as {step.path + CHAINED_SUFFIX}; it will run first"
        case RemoveHook():
            return f"remove {step.path}"
        case RestoreHook():
            return f"put {step.path + CHAINED_SUFFIX} back as {step.path}"
        case _:
            assert_never(step)


def _apply(step: HookStep) -> None:
    match step:
        case WriteHook():
            _write(step.path, step.content)
        case ChainHook():
            _chain(step.path)
        case RemoveHook():
            os.unlink(step.path)
        case RestoreHook():
            os.replace(step.path + CHAINED_SUFFIX, step.path)
        case _:
            assert_never(step)


def _chain(path: str) -> None:
    """A second name first: until ours is written, git still finds the hook under its own."""
    if os.path.lexists(path + CHAINED_SUFFIX):
        return
    try:
        os.link(path, path + CHAINED_SUFFIX, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a file system without links
        os.rename(path, path + CHAINED_SUFFIX)


def _write(path: str, content: bytes) -> None:
    """Whole or not at all, and executable: git runs it as whoever commits, as it does its own samples."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    replace_whole(path, content, mode=0o755)
