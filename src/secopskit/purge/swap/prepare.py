"""The preparation of a swap: a new history, made and checked beside the repository, which is only read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from secopskit.errors import SecopsError
from secopskit.git.history.reach import ReachedObjects
from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.repository import Repository
from secopskit.git.worktrees import WorkTree, work_trees
from secopskit.purge.find.parent import told_of_parent
from secopskit.purge.find.survey import clean_objects
from secopskit.purge.journal import PACKED, STAGE, Head, Journal, NameMask, PurgeNotebook, PurgeStep
from secopskit.purge.model import RefChange, Rewrite
from secopskit.purge.plan import PurgePlan
from secopskit.purge.proof.rewritecheck import check_rewrite
from secopskit.purge.rewrite.repack import Packing, borrowed_objects, reached, stored_files
from secopskit.purge.rewrite.rewrite import rewrite
from secopskit.purge.rewrite.stage import make_stage
from secopskit.purge.swap.cleanup import DOOMED, LARGE_FILES, STASH_LOG, extras
from secopskit.purge.swap.finish import Clock, HistoryChange
from secopskit.purge.swap.reflogs import stash_lines
from secopskit.purge.swap.tips import final_tips
from secopskit.purge.values.matcher import ValueMatcher


def prepare(
    repository: Repository,
    plan: PurgePlan,
    matcher: ValueMatcher,
    notebook: PurgeNotebook,
    journal: Journal,
    clock: Clock,
) -> tuple[Journal, HistoryChange]:
    """Rewrite in the stage, pack all that stays, and check both; the journal is READY then.

    Raises SecopsError; the repository is as it was in any case.
    """
    clock.begin("rewrite")
    stage = make_stage(repository, notebook.file(STAGE))
    made = rewrite(
        repository,
        plan.extent,
        plan.survey,
        plan.drops,
        matcher,
        stage,
        plan.archives,
        jobs=clock.jobs,
        progress=clock.progress,
    )
    journal = notebook.advance(journal, PurgeStep.STAGED)
    clock.begin("check")
    trees = work_trees(repository)
    stash = stash_lines(repository, matcher, made.commits)
    tips = final_tips(repository, trees, made, stash)
    change = _change(plan, made, _heads(trees, made))
    repack = bool(change.gone or plan.drops)
    with _packing(repository, stage, notebook, tips if repack else (), _staying(plan)) as finish:
        checks = check_rewrite(stage, made, plan.extent, matcher, jobs=clock.jobs, progress=clock.progress)
        clock.begin("pack")
        packs = finish()
    packed = reached(notebook.file(PACKED), packs, plan.survey.width)
    _check_gone(packed, change)
    notebook.keep_lines(LARGE_FILES, {oid for blob, oid in plan.large_files.items() if blob not in packed})
    notebook.keep_lines(DOOMED, stored_files(os.path.join(repository.common_dir, "objects")))
    notebook.keep_lines(STASH_LOG, (os.fsdecode(line) for line in stash))
    change.write_to(notebook)
    mask = NameMask.of(repository, matcher.contains)
    journal = notebook.advance(
        journal,
        PurgeStep.READY,
        refs=tuple(_hidden(made.refs, mask)),
        symrefs={mask.hide(name): target for name, target in made.symrefs.items()},
        heads=tuple(replace(head, worktree=mask.hide(head.worktree)) for head in change.heads),
        packs=packs,
        tips=tuple(sorted(tips)),
        had=extras(repository),
        checks=checks,
        told=(*journal.told, *filter(None, (made.ids, told_of_parent(repository) if made.commits else ""))),
        repack=repack,
    )
    return journal, change


@contextmanager
def _packing(
    repository: Repository,
    stage: Repository,
    notebook: PurgeNotebook,
    tips: Iterable[str],
    known: ReachedObjects | None,
) -> Iterator[Callable[[], tuple[str, ...]]]:
    """Pack all that `tips` reach while the block runs; yields what waits for it and tells the packs."""
    tips = tuple(tips)
    if not tips:
        yield tuple
        return
    borrowed = borrowed_objects(repository)
    packing = Packing(stage, notebook.file(PACKED), tips, known=known, borrowed=borrowed)
    try:
        yield packing.finish
    finally:
        packing.stop()


def _staying(plan: PurgePlan) -> ReachedObjects | None:
    """What is known to be reached by a commit that stays as it is."""
    reach = plan.survey.reach
    return None if reach is None or reach.commit in plan.extent.commits else reach


def _heads(trees: Iterable[WorkTree], made: Rewrite) -> tuple[Head, ...]:
    return tuple(
        Head(worktree=tree.name, old=tree.head, new=made.commits.get(tree.head, tree.head))
        for tree in trees
        if tree.head
    )


def _change(plan: PurgePlan, made: Rewrite, heads: tuple[Head, ...]) -> HistoryChange:
    return HistoryChange(
        refs=made.refs,
        commits=made.commits,
        tags=made.tags,
        heads=heads,
        symrefs=made.symrefs,
        gone=plan.survey.dirty | made.commits.keys() | made.tags.keys(),
        renamed=plan.extent.renamed_refs,
        clean=clean_objects(plan.survey),
    )


def _check_gone(packed: ObjectSet, change: HistoryChange) -> None:
    """Nothing that must go is in the new packs. Raises SecopsError."""
    left = [oid for oid in change.gone if oid in packed]
    if left:
        raise SecopsError(
            f"the new history still reaches {len(left)} old object(s), such as {left[0]}",
            advice="Nothing was changed. Is somebody else at work in the repository? Try again.",
        )


def _hidden(refs: Iterable[RefChange], mask: NameMask) -> Iterable[RefChange]:
    return (RefChange(ref=mask.hide(change.ref), old=change.old, new=change.new) for change in refs)
