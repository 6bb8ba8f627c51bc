"""The clean-up after the swap: all that still tells of the old history goes, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_view
from secopskit.purge.find.content.large_files import stored_path
from secopskit.purge.journal import Journal, PurgeNotebook
from secopskit.purge.rewrite.repack import borrowed_objects, reached, remove_stored, supplement
from secopskit.purge.swap.git_files import clean_files
from secopskit.purge.swap.reflogs import expire
from secopskit.purge.values.matcher import ValueMatcher

# Lists in the notebook: the files below `objects/` that go, the objects of Git LFS that do, and the reflog
# of the stash as it is to be.
DOOMED: Final = "doomed"
LARGE_FILES: Final = "large-files"
STASH_LOG: Final = "stash-log"
_GRAPH: Final = "commit-graph"
_GRAPH_PATHS: Final = "commit-graph with changed paths"
_MIDX: Final = "multi-pack-index"
_SERVER: Final = "server-info"
_PACKED_REFS: Final = "packed-refs"


def extras(repository: Repository) -> tuple[str, ...]:
    """What the repository has beside objects and refs, and is to have again."""
    objects = os.path.join(repository.common_dir, "objects")
    graphs = _graphs(objects)
    found = {
        _GRAPH: bool(graphs),
        _GRAPH_PATHS: any(_has_changed_paths(path) for path in graphs),
        _MIDX: bool(_midx(objects)),
        _SERVER: os.path.isfile(os.path.join(objects, "info", "packs")),
        _PACKED_REFS: os.path.isfile(os.path.join(repository.common_dir, "packed-refs")),
    }
    return tuple(name for name, there in found.items() if there)


def clean_up(
    repository: Repository,
    notebook: PurgeNotebook,
    journal: Journal,
    matcher: ValueMatcher,
    ids: Mapping[str, str],
    renamed: Mapping[str, str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drop reflogs, old ids in small files, and all objects that nothing refers to any more.

    Can be done again after it was cut off. `ids` goes from old commits and tags to new ones,
    `renamed` from old names of refs to new ones. Returns sentences about what was
    done, and the small files that changed. Raises SecopsError.
    """
    seen = main_view(repository)
    objects = os.path.join(repository.common_dir, "objects")
    stash = [os.fsencode(line) for line in notebook.lines(STASH_LOG)]
    expire(repository, stash)
    kept = reached(os.path.join(objects, "pack"), journal.packs, 32 if seen.object_format == "sha256" else 20)
    stays = kept.__contains__ if journal.repack else lambda oid: seen.succeeds("cat-file", "-e", oid)
    changed = clean_files(repository, matcher, ids, stays, renamed)
    large = _remove_large_files(repository, notebook.lines(LARGE_FILES))
    notes = [f"cleaned in the git directory: {', '.join(changed)}"] if changed else []
    if large:
        notes.append(
            f"removed from the Git LFS store here: {len(large):,}; what the LFS server has, is still there"
        )
    if journal.repack:
        borrowed = borrowed_objects(seen) or ObjectSet()
        supplement(seen, journal.tips, lambda oid: oid in kept or oid in borrowed)
        for path in (*_graphs(objects), *_midx(objects)):
            _unlink(path)
        count = remove_stored(objects, notebook.lines(DOOMED), keep=journal.packs)
        notes.append(
            f"{count} files of packs and loose objects were replaced by {len(journal.packs)} pack(s)"
        )
    _write_extras(seen, journal)
    return tuple(notes), (*changed, *large)


def _remove_large_files(repository: Repository, oids: Iterable[str]) -> tuple[str, ...]:
    """Remove stored objects of Git LFS; the files that went, below the common git directory."""
    removed = list[str]()
    for oid in sorted(oids):
        name = stored_path(oid)
        path = os.path.join(repository.common_dir, name)
        with suppress(FileNotFoundError):
            os.unlink(path)
            removed.append(name)
        with suppress(OSError):  # other objects lie there
            os.removedirs(os.path.dirname(path))
    return tuple(removed)


def _write_extras(seen: Repository, journal: Journal) -> None:
    if _PACKED_REFS in journal.had and journal.refs:
        seen.run(
            "pack-refs", "--all", "--prune", detached=True
        )  # otherwise old ids stand there, behind the loose refs
    if _SERVER in journal.had:
        seen.run("update-server-info", detached=True)
    if not journal.repack:
        return
    if _MIDX in journal.had:
        seen.run("multi-pack-index", "write", detached=True)


@contextmanager
def writing_graph(repository: Repository, journal: Journal) -> Iterator[None]:
    """Have the commit-graph written, if there was one, while the block runs. Raises GitError."""
    if _GRAPH not in journal.had or not journal.repack:
        yield
        return
    more = ("--changed-paths",) if _GRAPH_PATHS in journal.had else ()
    begun = main_view(repository).begin("commit-graph", "write", "--reachable", *more)
    try:
        yield
        begun.output()
    finally:
        begun.end()


def _graphs(objects: str) -> list[str]:
    info = os.path.join(objects, "info")
    split = os.path.join(info, "commit-graphs")
    names = sorted(os.listdir(split)) if os.path.isdir(split) else []
    paths = [os.path.join(info, "commit-graph"), *(os.path.join(split, name) for name in names)]
    return [path for path in paths if os.path.isfile(path)]


def _midx(objects: str) -> list[str]:
    directory = os.path.join(objects, "pack")
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    return [os.path.join(directory, name) for name in names if name.startswith("multi-pack-index")]


def _has_changed_paths(path: str) -> bool:
    """Whether a commit-graph has Bloom filters: its table of contents names the chunk."""
    with suppress(OSError), open(path, "rb") as file:
        return b"BIDX" in file.read(512)
    return False


def _unlink(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
