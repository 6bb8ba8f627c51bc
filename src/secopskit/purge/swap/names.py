"""The names of a journal: those that hold a value stand in it as digests, and are found again here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from secopskit.git.repository import Repository
from secopskit.git.worktrees import work_trees
from secopskit.purge.journal import Head, Journal, NameMask
from secopskit.purge.model import RefChange
from secopskit.purge.swap.ref_swap import ref_values


def named_refs(repository: Repository, journal: Journal, mask: NameMask) -> tuple[RefChange, ...]:
    """The changes of the journal under the names that refs have; what is already deleted is left out."""
    names = [*ref_values(repository), *work_tree_heads(repository)]
    found = ((mask.find(change.ref, names), change) for change in journal.refs)
    return tuple(replace(change, ref=name) for name, change in found if name is not None)


def veiled_names(repository: Repository, journal: Journal, mask: NameMask) -> frozenset[str]:
    """The names of refs and work trees that hold a value, by the journal, as far as they are still there."""
    trees = [tree.name for tree in work_trees(repository) if tree.name]
    names = [*ref_values(repository), *work_tree_heads(repository), *trees]
    told = (*(change.ref for change in journal.refs), *(head.worktree for head in journal.heads))
    return mask.hidden_among(names, (*told, *(journal.symrefs or {})))


def named_heads(repository: Repository, journal: Journal, mask: NameMask) -> Iterator[Head]:
    """The heads of the journal under the names of work trees that are still there."""
    names = [tree.name for tree in work_trees(repository)]
    for head in journal.heads:
        name = mask.find(head.worktree, names)
        if name is not None:
            yield replace(head, worktree=name)


def work_tree_heads(repository: Repository) -> Iterator[str]:
    """The names that the HEADs of linked work trees have among refs."""
    return (f"worktrees/{tree.name}/HEAD" for tree in work_trees(repository))
