"""Reading a work tree: its workflows, the local actions that they use, and dependabot.yml.

The files are those of the work tree as they lie there, committed or not.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from secopskit.errors import ConfigError
from secopskit.formats.workflows import workflow_uses
from secopskit.formats.workflows.context_uses import ContextUse
from secopskit.formats.workflows.workflow_uses import WorkflowSource
from secopskit.state.smallfiles import read_small

WORKFLOWS: Final = ".github/workflows"
_ACTIONS: Final = ".github/actions"
_DEPENDABOT: Final = (".github/dependabot.yml", ".github/dependabot.yaml")
_ACTION_NAMES: Final = ("action.yml", "action.yaml")
_YAML: Final = (".yml", ".yaml")
_LARGEST: Final = 2 * 1024 * 1024
_MOST_FILES: Final = 2000
_NO_YAML: Final = "it is no {what}, or no YAML that can be read"
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class AuditedFiles:
    """What was read, by path from the top of the work tree. `unread` says of a file why it was not."""

    workflows: dict[str, WorkflowSource] = field(default_factory=dict)
    actions: dict[str, WorkflowSource] = field(default_factory=dict)
    dependabot: dict[str, tuple[ContextUse, ...]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def has_dependabot(self) -> bool:
        """Whether Dependabot works here, for all that can be read of its configuration."""
        return bool(self.dependabot) or not self.unread.keys().isdisjoint(_DEPENDABOT)


def read_files(root: str) -> AuditedFiles:
    """Everything below `root` that looks up secrets or variables of GitHub."""
    files = AuditedFiles()
    for name in _listed(root, WORKFLOWS, files):
        path = f"{WORKFLOWS}/{name}"
        if path.endswith(_YAML) and (data := _read(root, path, files)) is not None:
            _keep(path, workflow_uses.workflow(data), files.workflows, files, "workflow")
    for path in _DEPENDABOT:
        if os.path.lexists(os.path.join(root, path)) and (data := _read(root, path, files)) is not None:
            if (uses := workflow_uses.dependabot(data)) is None:
                files.unread[path] = _NO_YAML.format(what="configuration")
            else:
                files.dependabot[path] = uses
    waiting = [*_actions_below(root, _ACTIONS, 0, files), *_used_actions(files.workflows.values())]
    while waiting:
        file = _action_file(root, waiting.pop())
        if file is None or file in files.actions or file in files.unread:
            continue
        if len(files.actions) >= _MOST_FILES:
            files.unread[file] = f"more than {_MOST_FILES:,} actions are used"
            break
        if (data := _read(root, file, files)) is not None:
            found = workflow_uses.action(data)
            _keep(file, found, files.actions, files, "action")
            waiting += _used_actions([found] if found else [])
    return files


def _keep(
    path: str, found: WorkflowSource | None, into: dict[str, WorkflowSource], files: AuditedFiles, what: str
) -> None:
    if found is None:
        files.unread[path] = _NO_YAML.format(what=what)
    else:
        into[path] = found


def _read(root: str, path: str, files: AuditedFiles) -> bytes | None:
    try:
        return read_small(os.path.join(root, path), limit=_LARGEST, within=root)
    except ConfigError as error:
        files.unread[path] = str(error).removeprefix(os.path.join(root, path) + ": ")
        return None


def _listed(root: str, directory: str, files: AuditedFiles) -> list[str]:
    names = [entry.name for entry in _entries(root, directory, files) if not _is_directory(entry)]
    if len(names) > _MOST_FILES:
        files.unread[directory] = f"{len(names) - _MOST_FILES} more files than {_MOST_FILES:,} are in it"
    return names[:_MOST_FILES]


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: reading it will say so
        return False


def _entries(root: str, directory: str, files: AuditedFiles) -> list[os.DirEntry[str]]:
    """What is in a directory, in order of names. One that is there and cannot be read is noted."""
    try:
        with os.scandir(os.path.join(root, directory)) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        files.unread[directory] = str(error.strerror)
        return []


def _actions_below(root: str, directory: str, depth: int, files: AuditedFiles) -> Iterator[str]:
    """The directories below that hold an action; no link is followed."""
    found = _entries(root, directory, files)
    if any(entry.name in _ACTION_NAMES for entry in found):
        yield directory
    for entry in found:
        if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
            yield from _actions_below(root, f"{directory}/{entry.name}", depth + 1, files)


def _used_actions(files: Iterable[WorkflowSource]) -> Iterator[str]:
    """The directories that steps name: from the top of the repository, in actions too."""
    for file in files:
        for job in file.jobs:
            for action in job.actions:
                directory = posixpath.normpath(action.text)
                if not directory.startswith(("..", "/")):
                    yield directory


def _action_file(root: str, directory: str) -> str | None:
    """The file of the action in `directory`; none where an earlier step makes it, or checks it out."""
    for name in _ACTION_NAMES:
        path = posixpath.normpath(f"{directory}/{name}")
        if os.path.lexists(os.path.join(root, path)):
            return path
    return None
