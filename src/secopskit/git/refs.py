"""All that holds on to objects by name: refs, heads of work trees, stash entries, annotated tags."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from secopskit.errors import GitError
from secopskit.git.objects.committext import CommitText
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_view, with_variables, work_trees
from secopskit.named_tuple import NamedTuple

STASH: Final = "refs/stash"
NOTES: Final = "refs/notes/"
REPLACE: Final = "refs/replace/"
_PER_WORK_TREE: Final = ("refs/worktree", "refs/bisect", "refs/rewritten")
_FORMAT: Final = "--format=%(refname)%00%(objectname)%00%(objecttype)%00%(symref)"


class Ref(NamedTuple):
    """A ref (or detached head) that names an object by itself. `kind` is git's word for the object."""

    name: str
    oid: str
    kind: str


class Tag(NamedTuple):
    """An annotated tag: what it names, and its text."""

    target: str
    kind: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RefMap:
    """Every ref there is, those of linked work trees as `worktrees/<name>/…`.

    `symbolic` maps refs that name another ref to that one; `stash` has the entries, newest first.
    """

    refs: tuple[Ref, ...]
    symbolic: Mapping[str, str]
    stash: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of all refs, symbolic or not."""
        return frozenset((*(ref.name for ref in self.refs), *self.symbolic))


def plain_view(repository: Repository) -> Repository:
    """The repository with history as it is: no grafts, no replacements, no commit-graph that may be stale."""
    return with_variables(
        main_view(repository),
        GIT_GRAFT_FILE=os.devnull,
        GIT_LITERAL_PATHSPECS="1",
        GIT_FLUSH="0",  # we read all of a list anyway
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="core.commitGraph",
        GIT_CONFIG_VALUE_0="false",
    )


def read_refs(view: Repository) -> RefMap:
    """All refs of the repository that `view` shows. Raises GitError."""
    refs, symbolic = dict[str, Ref](), dict[str, str]()
    for tree in work_trees(view):
        prefix = f"worktrees/{tree.name}/" if tree.name else ""
        own = with_variables(view, GIT_DIR=tree.git_dir)
        for ref, target in _listed(own, _PER_WORK_TREE if tree.name else ()):
            if target:
                symbolic[prefix + ref.name] = target
            else:
                refs[prefix + ref.name] = ref._replace(name=prefix + ref.name)
        if target := _symbolic_head(own):
            symbolic[prefix + "HEAD"] = target
        elif tree.head:
            refs[prefix + "HEAD"] = Ref(prefix + "HEAD", tree.head, "commit")
    stash = _stash(view) if STASH in refs else ()
    return RefMap(refs=tuple(refs.values()), symbolic=symbolic, stash=stash)


def read_tags(reader: ObjectReader, refs: Iterable[Ref]) -> dict[str, Tag]:
    """All annotated tags that refs lead to, by id; a tag of a tag after the one it names. Raises GitError."""
    found: dict[str, Tag] = {}
    wanted = list(dict.fromkeys(ref.oid for ref in refs if ref.kind == "tag"))
    while wanted:
        for oid, answer in zip(wanted, list(reader.many(wanted)), strict=True):
            found.pop(oid, None)  # one that a ref and a tag name comes after both
            found[oid] = _tag(answer.data)
        wanted = list(dict.fromkeys(found[oid].target for oid in wanted if found[oid].kind == "tag"))
    return dict(reversed(found.items()))


def peel(ref: Ref, tags: Mapping[str, Tag]) -> Ref:
    """The ref as if it named what its tag names in the end."""
    while ref.kind == "tag":
        tag = tags[ref.oid]
        ref = Ref(ref.name, tag.target, tag.kind)
    return ref


def _listed(view: Repository, patterns: tuple[str, ...]) -> Iterator[tuple[Ref, str]]:
    for line in view.run("for-each-ref", _FORMAT, *patterns).splitlines():
        name, oid, kind, target = (os.fsdecode(field) for field in line.split(b"\0"))
        yield Ref(name, oid, kind), target


def _symbolic_head(view: Repository) -> str:
    try:
        return os.fsdecode(view.run("symbolic-ref", "--quiet", "HEAD")).rstrip("\n")
    except GitError:
        return ""  # detached


def _stash(view: Repository) -> tuple[str, ...]:
    entries = view.run("log", "--walk-reflogs", "--format=%H", STASH, "--").decode().split()
    return tuple(dict.fromkeys(entries)) or (view.run("rev-parse", STASH).decode().strip(),)


def _tag(raw: bytes) -> Tag:
    text = CommitText.parse(raw)
    return Tag(
        text.first(b"object").decode("ascii", "replace"), text.first(b"type").decode("ascii", "replace"), raw
    )
