"""The rewrite: from an extent to new objects in the stage, and the list of what each ref becomes.

The repository itself is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache

from secopskit.errors import RefusedError
from secopskit.git.objects.lasting import ObjectReader, reading
from secopskit.git.objects.packwriter import PackWriter
from secopskit.git.packs.available import open_sources
from secopskit.git.packs.lookup import reading_from
from secopskit.git.refs import RefMap, peel, plain_view, read_refs, read_tags
from secopskit.git.repository import Repository
from secopskit.git.workers import WorkerPool
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.purge.model import ARCHIVE_NOTE, ArchiveFate, Drop, Extent, Rewrite, Survey
from secopskit.purge.rewrite.blobs import Redactor, redact_blobs
from secopskit.purge.rewrite.commits import CommitRewriter
from secopskit.purge.rewrite.ids import IdRenamer
from secopskit.purge.rewrite.notes import NotesRewriter
from secopskit.purge.rewrite.pathtrie import PathTrie
from secopskit.purge.rewrite.refchanges import ref_changes, symref_changes
from secopskit.purge.rewrite.replay import replaying
from secopskit.purge.rewrite.roots import NewTrees, new_trees, stage_pack
from secopskit.purge.rewrite.stage import staged_packs
from secopskit.purge.rewrite.tags import rewrite_tags
from secopskit.purge.rewrite.trees import TreeRewriter
from secopskit.purge.values.crew import crew, for_commits
from secopskit.purge.values.matcher import ValueMatcher


def rewrite(  # noqa: PLR0913 - what a plan has
    repository: Repository,
    extent: Extent,
    survey: Survey,
    drops: Sequence[Drop],
    matcher: ValueMatcher,
    stage: Repository,
    archives: ArchiveFate | None = None,
    *,
    jobs: int = 0,
    progress: Progress = NO_PROGRESS,
) -> Rewrite:
    """Make everything anew that `extent` names, in `stage` (see `stage.make_stage`).

    Raises RefusedError if refs have changed since the extent was found, SecopsError if a value
    cannot be taken out or the disk is full, GitError. The stage is then to be dropped. `archives` is what
    becomes of archives with a value in them; refs and notes that name one by itself get a note. `jobs` is a
    number of processes, 0 for one a core.
    """
    view = plain_view(repository)
    refs = read_refs(view)
    _check_unmoved(refs, extent)
    sources = open_sources(view) if extent.is_wide else None
    held = frozenset(survey.archives.keys() & extent.paths.keys())
    dropped = held if archives is ArchiveFate.DROP else frozenset[str]()
    rename = cache(matcher.redact_name) if survey.trees else _same
    with replaying(stage, extent.commits) as replay:  # it starts while files are redacted
        pack = stage_pack(stage)
        with closing(crew(Redactor, view, matcher, sources, jobs=jobs)) as redactors:
            blobs = _blobs(redactors, extent, held, pack, progress)
        pack.finish()  # before the first tree that needs it
        tops = _top_trees(view, refs)

        def trees() -> Generator[NewTrees]:
            with reading_from(view, sources) as reader:
                rewriter = _trees(reader, extent, drops, survey.trees, blobs, rename, dropped)
                yield from new_trees(stage, reader, rewriter, tops, extent.commits)

        with for_commits(trees, len(extent.commits), jobs) as made, reading_from(view, sources) as reader:
            ids = IdRenamer(extent)
            new_tops, changed = next(made)
            writer = CommitRewriter(stage, reader, matcher, survey.commits, ids, replay, progress)
            commits = writer.rewrite(extent.commits, _roots(made, changed))
            # A tree may become different ones at different places; refs name what is at the top.
            changed.update(zip(tops, new_tops, strict=True))
            trees_by_id = {old.hex(): new.hex() for old, new in changed.items()}
            objects = {**trees_by_id, **blobs, **commits}
            pack = stage_pack(stage)
            tags = rewrite_tags(reader, extent.tags, objects, survey.tags, matcher, pack, ids)
            objects |= tags
            notes = NotesRewriter(
                view=view,
                reader=reader,
                objects=objects | _note_texts(reader, extent, ids, matcher, pack),
                dirty=survey.commits,
                matcher=matcher,
                rename=rename,
                pack=pack,
            ).rewrite(extent.notes)
            pack.finish()
    objects |= notes
    return Rewrite(
        commits=commits | notes,
        tags=tags,
        trees=trees_by_id,
        blobs=blobs,
        archives=held,
        ids=ids.told,
        refs=ref_changes(refs, objects, extent.renamed_refs),
        symrefs=symref_changes(refs, extent.renamed_refs),
        stash=tuple(objects.get(oid, oid) for oid in extent.stash),
        packs=staged_packs(stage),
    )


def _check_unmoved(refs: RefMap, extent: Extent) -> None:
    known, now = extent.ref_ids, {ref.name: ref.oid for ref in refs.refs}
    if known and (now != known or extent.stash != refs.stash):
        raise RefusedError(
            "refs have changed since the plan was made; nothing has been changed",
            advice="Let nobody else work in the repository, and run the command again.",
        )


def _blobs(
    redactors: WorkerPool[Redactor],
    extent: Extent,
    archives: Collection[str],
    pack: PackWriter,
    progress: Progress,
) -> dict[str, str]:
    progress.stage(ProgressStage.REWRITING_FILES, len(extent.paths))
    note = pack.add("blob", ARCHIVE_NOTE).hex() if archives else ""
    progress.advance(len(archives))
    texts = {oid: paths for oid, paths in extent.paths.items() if oid not in archives}
    return dict.fromkeys(archives, note) | redact_blobs(redactors, texts, pack, progress)


def _trees(
    reader: ObjectReader,
    extent: Extent,
    drops: Sequence[Drop],
    dirty: Collection[str],
    blobs: dict[str, str],
    rename: Callable[[bytes], bytes],
    dropped: Collection[str],
) -> TreeRewriter:
    return TreeRewriter(
        reader,
        PathTrie(extent.dirty_paths, drops),
        {bytes.fromhex(old): bytes.fromhex(new) for old, new in blobs.items()},
        frozenset(map(bytes.fromhex, dirty)),
        rename,
        frozenset(map(bytes.fromhex, dropped)),
    )


def _roots(made: Iterable[NewTrees], changed: dict[bytes, bytes]) -> Iterator[list[bytes]]:
    """The new root trees of each batch; what changed goes into `changed`."""
    for batch in made:
        changed |= batch.changed
        yield batch.roots


def _top_trees(view: Repository, refs: RefMap) -> list[bytes]:
    """The trees that refs name, by themselves or by a tag."""
    with reading(view) as reader:
        tags = read_tags(reader, refs.refs)
    ends = (peel(ref, tags) for ref in refs.refs)
    return [bytes.fromhex(end.oid) for end in ends if end.kind == "tree"]


def _note_texts(
    reader: ObjectReader,
    extent: Extent,
    ids: IdRenamer,
    matcher: ValueMatcher,
    pack: PackWriter,
) -> dict[str, str]:
    """What notes become that name commits, old ids of blobs to new ones: as notes alone, not as files."""
    known, made = {*extent.commits, *extent.tags}, dict[str, str]()
    for oid in extent.names.keys() - known:
        if change := ids.change_for(oid):
            text = matcher.redact(reader.one(oid).data, oid=oid)
            made[oid] = pack.add("blob", change(text)).hex()
    return made


def _same(name: bytes) -> bytes:
    return name
