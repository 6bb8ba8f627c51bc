"""The rollback of a purge, from its backup: objects, refs, reflogs, work trees, small files.

Refs that the purge did not change keep what came since; one that it did change and that has moved
on since is a reason to refuse, for somebody's work would be lost.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from secopskit.conduct.tell import SILENCE, Tell
from secopskit.errors import RefusedError, SecopsError
from secopskit.git.repository import Repository
from secopskit.progress import ProgressStage, still_at_work
from secopskit.purge.find.content.large_files import STORE
from secopskit.purge.journal import Head, Journal, NameMask, PurgeNotebook, PurgeStep
from secopskit.purge.model import RefChange
from secopskit.purge.rewrite.repack import stored_files
from secopskit.purge.swap import workspace
from secopskit.purge.swap.backup import open_backup
from secopskit.purge.swap.finish import incomplete, without_values
from secopskit.purge.swap.names import named_heads, veiled_names, work_tree_heads
from secopskit.purge.swap.ref_swap import ref_values, swap, swap_steps, symbolic_refs
from secopskit.purge.swap.reflogs import STASH, homes, log_files
from secopskit.purge.swap.staged import restage
from secopskit.purge.swap.undo import give_up, untouched
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.state.notebook import LAST
from secopskit.state.private import replace_file, sync_directory

# What clean-up may have changed, below the git directory of each work tree.
_FILES: Final = (
    "config",
    "config.worktree",
    "description",
    "COMMIT_EDITMSG",
    "MERGE_MSG",
    "SQUASH_MSG",
    "TAG_EDITMSG",
    "NOTES_EDITMSG",
    "EDIT_DESCRIPTION",
    "ORIG_HEAD",
    "FETCH_HEAD",
    "info/grafts",
    "rr-cache",
)


def rollback(
    repository: Repository,
    *,
    directory: str | None = None,
    wait: float = 0.0,
    tell: Tell = SILENCE,
    conclude: Callable[[], None] | None = None,
) -> tuple[RefChange, ...]:
    """Undo the last purge, whether it ended or not; the refs that were set back.

    `directory` is the backup, if not the one that the purge made. `conclude` is called when the history is
    what it was, and before the journal is closed. Raises RefusedError, SecopsError; can be done again after
    it was cut off.
    """
    notebook = PurgeNotebook.of(repository)
    notebook.open()
    with notebook.held(wait=wait) as hold:
        journal = notebook.read() or notebook.read(LAST)
        if journal is None:
            raise RefusedError("no purge of this repository is on record", advice="There is nothing to undo.")
        place = directory or journal.backup
        if not place:
            raise RefusedError("the purge was done with --no-backup", advice="It cannot be undone.")
        backup = open_backup(repository, place)
        mask = NameMask.of(repository)
        changes = tuple(_reversed(repository, backup, journal, mask))
        if untouched(repository, journal, None):
            give_up(repository, notebook, journal)
            return ()
        journal = notebook.write(replace(journal, step=PurgeStep.ROLLING_BACK))
        veiled = veiled_names(backup, journal, mask) | veiled_names(repository, journal, mask)
        try:
            with tell.progress() as progress:
                progress.stage(ProgressStage.RESTORING)
                tell.phase("objects")
                _bring_objects(backup, repository)
                _bring_large_files(backup, repository)
                tell.phase("swap")
                _set_back(repository, backup, journal, mask, changes, hold=hold)
                tell.phase("files")
                _restore_files(backup, repository, journal)
                restage(repository, journal.unstaged)
                if conclude:
                    conclude()
        except (SecopsError, OSError) as error:
            told = without_values(error, ValueMatcher(()), veiled)
            raise told if isinstance(told, RefusedError) else incomplete(told, "--rollback") from None
        with suppress(FileNotFoundError):
            os.unlink(notebook.file(LAST))
        notebook.close()
        return changes


def _reversed(
    repository: Repository, backup: Repository, journal: Journal, mask: NameMask
) -> Iterator[RefChange]:
    """What has to be set back. Raises RefusedError for a ref that has moved since."""
    names = [*ref_values(backup), *work_tree_heads(repository)]
    plain = [(mask.find(change.ref, names), change) for change in journal.refs]
    now = ref_values(repository, (name for name, _ in plain if name and not name.startswith("refs/")))
    for name, change in plain:
        if name is None:
            raise RefusedError("the backup is not of this repository", advice="Name the right --backup-dir.")
        value = now.get(name, "")
        if value not in {change.old, change.new}:
            raise RefusedError(
                f"{change.ref}: has moved since the purge",
                advice=f"Keep what came since under another name, then set it to {change.new or 'nothing'}.",
            )
        if value != change.old:
            yield RefChange(ref=name, old=change.new, new=change.old)
    # Symbolic refs of which the purge has only the new names on record.
    for name in (journal.symrefs or {}).keys() & now.keys() - set(names):
        yield RefChange(ref=name, old=now[name], new="")


def _bring_objects(backup: Repository, repository: Repository) -> None:
    source = os.path.join(backup.common_dir, "objects")
    target = os.path.join(repository.common_dir, "objects")
    # Indexes last: with them, git sees the packs.
    for name in sorted(stored_files(source), key=lambda name: name.endswith(".idx")):
        _bring(os.path.join(source, name), os.path.join(target, name))
    sync_directory(os.path.join(target, "pack"))


def _bring_large_files(backup: Repository, repository: Repository) -> None:
    """The stored objects of Git LFS that the purge has removed."""
    store = os.path.join(backup.common_dir, STORE)
    for directory, _, names in os.walk(store):
        home = os.path.join(repository.common_dir, STORE, os.path.relpath(directory, store))
        for name in names:
            _bring(os.path.join(directory, name), os.path.normpath(os.path.join(home, name)))


def _bring(old: str, new: str) -> None:
    still_at_work()
    if os.path.lexists(new):
        return
    try:
        os.makedirs(os.path.dirname(new), exist_ok=True)
        try:
            os.link(old, new)
        except OSError:  # another file system
            shutil.copy2(old, new + ".tmp", follow_symlinks=False)
            os.replace(new + ".tmp", new)
    except OSError as error:
        raise SecopsError(f"{new}: cannot be written: {error.strerror}", advice="Is the disk full?") from None


def _set_back(
    repository: Repository,
    backup: Repository,
    journal: Journal,
    mask: NameMask,
    changes: Iterable[RefChange],
    *,
    hold: int,
) -> None:
    workspace.clear_locks(repository)
    named = named_heads(repository, journal, mask)
    heads = [Head(worktree=head.worktree, old=head.new, new=head.old) for head in named]
    symrefs = dict(_symrefs(backup, journal, mask))
    moving = workspace.moves(repository, heads)
    with workspace.locked(moving):
        for each in moving:
            workspace.recognise(repository, each)
        workspace.check(repository, moving, os.path.join(repository.common_dir, "objects"))
        refs = swap_steps(repository, tuple(changes), symrefs)
        complaints = swap(refs, [workspace.steps(repository, each) for each in moving], hold=hold)
    workspace.require_moved(moving, complaints)


def _symrefs(backup: Repository, journal: Journal, mask: NameMask) -> Iterator[tuple[str, str]]:
    """The symbolic refs that are to be set again: those that were, and those that went for their names."""
    before, heads = symbolic_refs(backup), ("HEAD", *work_tree_heads(backup))
    gone = [change.ref for change in journal.refs if not change.new]
    for hidden in (*(journal.symrefs or {}), *gone):
        name = mask.find(hidden, (*before, *heads))
        if name in before:
            yield name, before[name]
        elif name in heads:
            yield name, os.fsdecode(backup.run("symbolic-ref", name)).strip()


def _restore_files(backup: Repository, repository: Repository, journal: Journal) -> None:
    """The small files as they were. Reflogs keep, after what they told then, what came since."""
    ours = {(change.new, change.old) for change in journal.refs}
    ours |= {(head.new, head.old) for head in journal.heads}
    names = _FILES if journal.files is None else journal.files
    for home in homes(repository) if journal.files is None else ("",):
        for name in names:
            _restore(
                os.path.join(backup.common_dir, home, name), os.path.join(repository.common_dir, home, name)
            )
    for path in log_files(backup):
        name = os.path.relpath(path, backup.common_dir)
        with open(path, "rb") as file:
            before = file.read()
        target = os.path.join(repository.common_dir, name)
        since = b"" if name == os.path.join("logs", STASH) else _since(target, before, ours)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        replace_file(target, before + since)


def _restore(old: str, new: str) -> None:
    if os.path.isdir(old):
        shutil.copytree(old, new, dirs_exist_ok=True)
    elif os.path.isfile(old):
        os.makedirs(os.path.dirname(new), exist_ok=True)
        shutil.copy2(old, new + ".secops", follow_symlinks=False)
        os.replace(new + ".secops", new)


def _since(path: str, before: bytes, ours: set[tuple[str, str]]) -> bytes:
    """The lines of a reflog that came after the purge and are not of the purge's own making."""
    try:
        with open(path, "rb") as file:
            lines = file.read().removeprefix(before).splitlines(keepends=True)
    except FileNotFoundError:
        return b""
    pairs = ((line, tuple(word.decode() for word in line.split(b" ")[:2])) for line in lines)
    return b"".join(line for line, pair in pairs if pair not in ours and pair[::-1] not in ours)
