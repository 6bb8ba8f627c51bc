"""What stands where git looks for the hooks that we write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from secopskit.errors import UsageError
from secopskit.git.repository import Repository
from secopskit.hooks.directory import hooks_directory, is_runnable, read_hook
from secopskit.hooks.script import HOOKS, is_ours, is_outdated


class HookState(Enum):
    """Whose a hook file is; the value is for people."""

    ABSENT = "none"
    CURRENT = "ours"
    OUTDATED = "ours, but outdated: renew it with `secops hook install`"
    IDLE = "ours, but not executable, so git passes it over: renew it with `secops hook install`"
    FOREIGN = "not ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookStatus:
    """One hook: git's name for it, the path of its file, and the state that it is in."""

    hook: str
    path: str
    state: HookState


def hooks_status(directory: Path) -> tuple[HookStatus, ...]:
    """The state of each hook that we write.

    Raises UsageError outside of a repository, RefusedError, GitError.
    """
    repository = Repository.open(str(directory))
    if repository is None:
        raise UsageError(f"{directory}: not a git repository", advice="Run it inside one.")
    where = hooks_directory(repository)
    return tuple(
        HookStatus(hook=hook, path=where.file(hook), state=_state(where.file(hook))) for hook in HOOKS
    )


def _state(path: str) -> HookState:
    content = read_hook(path)
    if content is None:
        return HookState.ABSENT
    if not is_ours(content):
        return HookState.FOREIGN
    if is_outdated(content):
        return HookState.OUTDATED
    return HookState.CURRENT if is_runnable(path) else HookState.IDLE
