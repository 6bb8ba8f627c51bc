"""The step `untrack`: files with secrets leave the index, and stay on the disk."""

from __future__ import annotations

import shlex
from typing import Final

from secopskit.errors import RefusedError
from secopskit.harden.model import Untracking
from secopskit.harden.private_files import PrivateFile, PrivateKind
from secopskit.harden.project import HardenProject
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.report.text import count, listed, visible

_PATHS: Final = 20  # in one command
_FILES: Final = frozenset({"100644", "100755"})


def propose(project: HardenProject) -> StepProposal:
    """The tracked files that should not be in git, as the index has them."""
    private = project.private
    paths = [file.path for file in private]
    entries = project.git.entries(*paths) if paths else ()
    # A symbolic link or a submodule in the index is no file with secrets. What is not on the disk (deleted,
    # or left out by a sparse checkout) could not be said to stay there.
    files = [entry for entry in entries if entry.mode in _FILES]
    entries = tuple(entry for entry in files if project.files.is_plain(entry.path))
    there = {entry.path for entry in entries}
    unread = _unread([*project.judged.unread, *(entry.path for entry in files if entry.path not in there)])
    kept = project.git.half_staged(*(entry.path for entry in entries)) if entries else ()
    entries = tuple(entry for entry in entries if entry.path not in kept)
    if kept and not entries:
        told = "; ".join((_half_staged(kept), *unread))
        raise RefusedError(told, advice="Commit or unstage that first.")
    if not entries:
        return StepProposal(notes=unread)
    names = [entry.path for entry in entries]
    notes = (
        f"{count(len(names), 'file')} with secrets: {listed([*map(visible, names)], 5)}.",
        "They stay on this disk; the next commit removes them for everybody who pulls: tell them first.",
        *_about_templates(private),
        *((f"{_half_staged(kept)}: commit or unstage that first. Left alone.",) if kept else ()),
        *unread,
        *_unprintable(names),
        "They are still in the history: what is in them counts as known. First rotate, then purge:",
    )
    return StepProposal((Untracking(entries=entries),), notes, purge_commands(names))


def _unread(paths: list[str]) -> tuple[str, ...]:
    """What is said of files that may hold secrets, for all that could be seen, and stay in the index."""
    if not paths:
        return ()
    names = listed([*map(visible, sorted(paths))], 5)
    return (f"{count(len(paths), 'tracked file')} could not be read, and may hold secrets: {names}.",)


def _unprintable(names: list[str]) -> tuple[str, ...]:
    """What is said of files that no command shown here can name."""
    number = sum(not name.isprintable() for name in names)
    if not number:
        return ()
    return (f"{count(number, 'name')} cannot be written in a command below: purge such by hand.",)


def _half_staged(paths: tuple[str, ...]) -> str:
    names = listed([*map(visible, paths)], 5)
    return f"{names}: what is staged is neither committed nor in the file, and would be lost"


def _about_templates(private: tuple[PrivateFile, ...]) -> tuple[str, ...]:
    """What who clones the project needs in the place of a configuration."""
    paths = [file.path for file in private if file.kind is PrivateKind.CONFIGURATION]
    if not paths:
        return ()
    return (f"Whoever clones needs a template in its place, without the values: {visible(paths[0])}.example",)


def purge_commands(paths: list[str]) -> tuple[str, ...]:
    """What ends the values in these files, and takes the files out of the history."""
    rotate = (
        "secops scan --history --format json --output findings.json",
        "secops rotate plan --from-findings findings.json",
    )
    words = [f"--path {shlex.quote(path)}" for path in paths if path.isprintable()]
    parts = [" ".join(words[start : start + _PATHS]) for start in range(0, len(words), _PATHS)]
    return (*rotate, *(f"secops purge-history {part}" for part in parts))


STEP: Final = HardenStep(
    "untrack",
    "Take files with secrets out of the index",
    "Git goes on to commit a file that it tracks, ignored or not.",
    propose,
)
