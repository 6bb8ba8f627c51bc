"""The preconditions of a rewrite; each refusal names the command that helps."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from secopskit.errors import GitError, RefusedError, SecopsError
from secopskit.git.repository import Repository
from secopskit.git.worktrees import WorkTree, view, with_variables, work_trees
from secopskit.purge.find.committed import committed_files
from secopskit.purge.find.paths import DropSet
from secopskit.purge.journal import PurgeNotebook
from secopskit.purge.model import Drop, Extent, StagedFile, Survey
from secopskit.purge.rewrite.repack import alternates, stored_files
from secopskit.purge.swap.filters import filtered_files, is_foreign, through_a_filter
from secopskit.purge.swap.in_the_way import assumed_unchanged, uncommitted
from secopskit.purge.swap.staged import require_kept
from secopskit.purge.swap.workspace import content_on_disk, require_main, unfiltered
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.state.private import create

MINIMUM: Final = (2, 31)
_UNDER_WAY: Final = (
    ("rebase-merge", "a rebase", "git rebase --abort` or `git rebase --continue"),
    ("rebase-apply/applying", "applying patches", "git am --abort` or `git am --continue"),
    ("rebase-apply", "a rebase", "git rebase --abort` or `git rebase --continue"),
    ("MERGE_HEAD", "a merge", "git merge --abort` or `git commit"),
    ("CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --abort` or `git cherry-pick --continue"),
    ("REVERT_HEAD", "a revert", "git revert --abort` or `git revert --continue"),
    ("BISECT_LOG", "a bisection", "git bisect reset"),
)
_SPARE: Final = 64 * 1024 * 1024  # bytes, beside what the new pack takes


def check_repository(repository: Repository, *, wait: float = 0.0) -> None:
    """Check what can be told before anything is searched. Raises RefusedError, SecopsError.

    Waits up to `wait` seconds for another purge to end: a plan made during one would be stale.
    """
    _check_git(repository)
    if repository.shallow:
        raise RefusedError("this is a shallow clone: its history is cut off", advice="git fetch --unshallow")
    if repository.partial:
        raise RefusedError(
            "this is a partial clone: objects may be missing, and the values may stand in them",
            advice="Clone it again without --filter, and purge there.",
        )
    require_main(repository)
    for tree in work_trees(repository):
        _check_under_way(tree)
    _check_purges(repository, wait)
    _check_writable(repository)


def check_changes(
    repository: Repository,
    survey: Survey,
    extent: Extent,
    drops: Iterable[Drop],
    matcher: ValueMatcher,
    *,
    unstage: Sequence[StagedFile] = (),
) -> None:
    """Check what can be told only when it is known what will change. Raises RefusedError.

    `unstage` are staged files that are taken out of the index beforehand.
    """
    require_kept(repository, unstage, matcher)
    _check_alternates(repository, survey)
    _check_space(repository)
    rewritten = frozenset(extent.commits)
    judge = _ChangedFiles(survey, drops, matcher)
    for tree in work_trees(repository):
        _check_index(repository, tree, survey, unstage, judge)
        if tree.head in rewritten and tree.path is not None:
            _check_work(repository, tree, judge)


def _check_git(repository: Repository) -> None:
    words = repository.run("version").decode("ascii", "replace")
    found = re.search(r"(\d+)\.(\d+)", words)
    if found is None or (int(found[1]), int(found[2])) < MINIMUM:
        raise GitError(
            f"{words.strip()} is too old", advice=f"Install git {MINIMUM[0]}.{MINIMUM[1]} or newer."
        )


def _check_under_way(tree: WorkTree) -> None:
    for name, what, way_out in _UNDER_WAY:
        if os.path.lexists(os.path.join(tree.git_dir, name)):
            # No value is at hand yet, and one may stand in the path of a linked work tree.
            where = "a linked work tree (`git worktree list` names them)" if tree.name else tree.words
            raise RefusedError(f"{where}: {what} is under way", advice=f"There: `{way_out}`.")


def _check_purges(repository: Repository, wait: float) -> None:
    notebook = PurgeNotebook.of(repository)
    if notebook.is_held(wait=wait):
        raise RefusedError(
            "another purge of this repository is running",
            advice="Let it finish, or say --wait to wait for it.",
        )
    journal = notebook.read()
    if journal is not None and not journal.step.harmless:
        raise RefusedError(
            "a purge of this repository has stopped half-way", advice="Finish it with --resume first."
        )


def _check_writable(repository: Repository) -> None:
    """By trying: modes alone do not tell of a read-only file system."""
    objects = os.path.join(repository.common_dir, "objects")
    for directory in (repository.common_dir, objects):
        path = os.path.join(directory, f"secops-{os.urandom(6).hex()}.tmp")
        try:
            os.close(create(path))
            os.unlink(path)
        except OSError as error:
            raise SecopsError(
                f"{directory}: cannot be written: {error.strerror}",
                advice="Purge a copy that is yours to change. Nothing was changed.",
            ) from None


def _check_alternates(repository: Repository, survey: Survey) -> None:
    asked = "".join(f"{oid}\n" for oid in sorted(survey.dirty)).encode()
    for store in alternates(repository) if asked else ():
        theirs = with_variables(repository, GIT_OBJECT_DIRECTORY=store)
        answers = theirs.run("cat-file", "--batch-check=%(objectname)", "--buffer", stdin=asked)
        if any(not line.endswith(b" missing") for line in answers.splitlines()):
            link = os.path.join(repository.common_dir, "objects", "info", "alternates")
            raise RefusedError(
                f"{store}: values stand in this borrowed object store, which is not ours to change",
                advice=f"git repack -a -d && rm {shlex.quote(link)}; then purge again, here and there.",
            )


def _check_space(repository: Repository) -> None:
    objects = os.path.join(repository.common_dir, "objects")
    sizes = (_size(os.path.join(objects, name)) for name in stored_files(objects))
    needed = sum(sizes) + _SPARE
    free = shutil.disk_usage(objects).free
    if free < needed:
        raise RefusedError(
            f"{objects}: {free // 10**6} MB are free, the new history may need {needed // 10**6} MB",
            advice="Make room on the disk.",
        )


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


class _ChangedFiles:
    """A judge of files: which of those of a commit will change."""

    def __init__(self, survey: Survey, drops: Iterable[Drop], matcher: ValueMatcher) -> None:
        self._blobs = frozenset(survey.blobs)
        self._drops = DropSet(drops)
        self._matcher = matcher

    def changes(self, path: str, oid: str) -> bool:
        """Whether this file of a rewritten commit will be another one, or none."""
        return (
            oid in self._blobs
            or self._drops.takes(path, oid)
            or bool(self._matcher.contains(os.fsencode(path)))
        )

    def shown(self, path: str) -> str:
        """`path`, of a file or a work tree, fit to be shown: a value may stand in it."""
        return self._matcher.redact_text(path)


def _check_index(
    repository: Repository,
    tree: WorkTree,
    survey: Survey,
    unstage: Sequence[StagedFile],
    judge: _ChangedFiles,
) -> None:
    """No file is in conflict, and no value is staged that is not committed."""
    if not os.path.exists(tree.index):
        return
    seen, place = view(repository, tree), judge.shown(tree.words)
    committed = set(committed_files(seen, tree.head)) if tree.head else set()
    for entry in filter(None, seen.run("ls-files", "--stage", "-z").split(b"\0")):
        meta, _, path = entry.partition(b"\t")
        _, oid, stage = meta.decode().split(" ")
        if stage != "0":
            raise RefusedError(
                f"{place}: files are in conflict",
                advice="Resolve and commit them, or `git reset --merge`.",
            )
        if oid not in survey.blobs:
            continue
        if tree.missing:
            raise _gone(place)
        name = os.fsdecode(path)
        leaves = any((one.worktree, one.oid, one.path) == (tree.name, oid, name) for one in unstage)
        if (name, oid) not in committed and not leaves:
            raise RefusedError(
                f"{place}: a value is staged that is not committed",
                advice="--unstage takes it out of the index and leaves the file as it is; or do it yourself: "
                f"git -C {shlex.quote(place)} reset, then take the value out of the file.",
            )


def _gone(place: str) -> RefusedError:
    return RefusedError(
        f"{place}: this work tree is gone, and git still keeps an index for it that has to change",
        advice="Forget it with `git worktree prune`, or put it back.",
    )


def _check_work(repository: Repository, tree: WorkTree, judge: _ChangedFiles) -> None:
    """No file that has to change is changed already, or hidden from git, by its user, or by a filter."""
    if tree.missing:
        raise _gone(judge.shown(tree.words))
    plain, place = view(repository, tree), judge.shown(tree.words)
    seen = unfiltered(plain)
    changed = _uncommitted(seen)
    changing = {path: oid for path, oid in committed_files(seen, tree.head) if judge.changes(path, oid)}
    filters = filtered_files(plain, changed | changing.keys())
    if tree.name and changed - filters.keys():
        raise RefusedError(
            f"{place}: this linked work tree has changes that are not committed",
            advice=f"Stash them, or commit those without values: git -C {shlex.quote(place)} stash",
        )
    _check_filtered(seen, place, filters, changing, judge)
    if mine := [path for path in changing if path in changed]:
        raise uncommitted(seen, place, mine, [judge.shown(path) for path in mine])
    _check_hidden(seen, place, changing, judge)


def _check_filtered(
    seen: Repository,
    place: str,
    filters: Mapping[str, str],
    changing: Mapping[str, str],
    judge: _ChangedFiles,
) -> None:
    own = [
        path
        for path, driver in filters.items()
        if is_foreign(driver) and path in changing and _differs(seen, path, changing[path])
    ]
    if own:
        raise through_a_filter(place, judge.shown(filters[own[0]]), list(map(judge.shown, own)))


def _check_hidden(seen: Repository, place: str, changing: Mapping[str, str], judge: _ChangedFiles) -> None:
    """No file that has to change is one that git was told to assume unchanged, or to skip."""
    for entry in seen.run("ls-files", "-v", "-z").split(b"\0"):
        tag, path = entry[:1], os.fsdecode(entry[2:])
        if path not in changing:
            continue
        if tag.islower():
            raise assumed_unchanged(place, judge.shown(path))
        if tag == b"S" and _differs(seen, path, changing[path]):
            raise _skipped(place, judge.shown(path))


def _skipped(place: str, shown: str) -> RefusedError:
    git = f"git -C {shlex.quote(place)}"
    return RefusedError(
        f"{os.path.join(place, shown)}: has to change, and has changes that git was told to skip",
        advice=f"`{git} update-index --no-skip-worktree -- {shlex.quote(shown)}`: then git sees them.",
    )


def _differs(seen: Repository, path: str, oid: str) -> bool:
    """Whether a file is there, and another one than git has."""
    found = content_on_disk(seen, os.fsencode(path))
    return bool(found) and found.decode() != oid


def _uncommitted(seen: Repository) -> set[str]:
    """The paths of tracked files that differ from HEAD, in the index or on the disk."""
    words = (
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
        "--untracked-files=no",
        "--ignore-submodules=dirty",
    )
    return {os.fsdecode(entry[3:]) for entry in seen.run(*words).split(b"\0") if entry}
