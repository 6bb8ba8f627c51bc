"""Documents of maps and lists, whatever their format: YAML and JSON are judged alike."""

from __future__ import annotations

import marshal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Protocol

from secopskit.detect import witness
from secopskit.detect.judgement.candidate import may_count
from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.mentions import is_described, is_elsewhere, is_mention
from secopskit.detect.structure.stacks.kubernetes import in_manifest
from secopskit.detect.value.filters import kind_of_several
from secopskit.formats.stacks import kubernetes
from secopskit.formats.trees import apart, tree_settings
from secopskit.formats.trees.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from secopskit.detect.judgement.place import SettingPlace
    from secopskit.findings import Blob, Match
    from secopskit.formats.trees.nodes import Node
    from secopskit.formats.trees.tree_settings import TreeBranch

NOT_SETTINGS: Final = frozenset({"translations", "encrypted", "encryptedData", "sops"})
"""Keys of maps whose texts are captions, or closed up by whoever wrote the file."""
_VERSION_KEY: Final = b"apiVersion"
"""Stands in each manifest of Kubernetes."""
_MOST_CLEAN: Final = 100_000
_CLEAN: Final[set[bytes | None]] = set()
"""Marks of branches in which nothing was found."""


class Versions(Protocol):
    """What parses the versions of files. `displaced` is that of `HeldPieces`, for the last one."""

    @property
    def displaced(self) -> bool: ...  # noqa: D102 - see above


def in_versions(versions: Versions, matches: Callable[..., Iterator[Match]]) -> Iterator[Match]:
    """The matches in a file that `versions` parse; `matches` tells them, with or without `in_place`.

    Without it, some may be said to stand where they did in another version. Few versions have any.
    """
    if witness.present():
        yield from matches(in_place=True)
        return
    found = list(matches(in_place=False))
    yield from matches(in_place=True) if found and versions.displaced else found


def in_documents(
    roots: Iterable[Node], blob: Blob, place: SettingPlace, without: frozenset[str]
) -> Iterator[Match]:
    """The matches in documents of `blob`; keys in `without` that hold more than a text are left out."""
    has_manifests = _VERSION_KEY in blob.data  # a log is thousands of documents
    for root in roots:
        if isinstance(root, Mapping) and is_described(root):
            continue
        for manifest in kubernetes.secrets(root) if has_manifests else ():
            yield from in_manifest(manifest, blob)
        yield from _in_document(root, place, without)


def _in_document(root: Node, place: SettingPlace, without: frozenset[str]) -> Iterator[Match]:
    if witness.present():
        yield from _judged(tree_settings.branches(root, without=without, leave=_is_elsewhere), place)
    else:
        yield from _unless_known(root, place, without)


def _is_elsewhere(branch: TreeBranch) -> bool:
    return isinstance(branch.node, Mapping) and is_elsewhere(branch.node)


def _unless_known(root: Node, place: SettingPlace, without: frozenset[str]) -> list[Match]:
    """The matches in a document, without judging again what has stood in another one, and was no match.

    The versions of a file share most of their branches, and often the very nodes: what is noted at a node is
    where it stood when nothing was found in all of a document.
    """
    standing = repr(place).encode()

    def leave(branch: TreeBranch) -> bool:
        return branch.node.noted == (standing, branch.name, branch.path) or _is_elsewhere(branch)

    branches = tree_settings.branches(root, without=without, leave=leave)
    marks = [_mark(branch, standing) for branch in branches]
    fresh = [pair for pair in zip(branches, marks, strict=True) if pair[1] not in _CLEAN]
    found = list(_judged([branch for branch, _ in fresh], place))
    spots = [match.span.start for match in found]
    if len(_CLEAN) + len(fresh) > _MOST_CLEAN:
        _CLEAN.clear()
    _CLEAN.update(mark for branch, mark in fresh if mark and not _has_any(branch, spots))
    if not found:
        for branch in branches:
            branch.node.noted = (standing, branch.name, branch.path)
    return found


def _mark(branch: TreeBranch, standing: bytes) -> bytes | None:
    """What stands for all that decides about the texts in a branch; None where more than these decides."""
    name, node, path = branch
    if branch.is_environment or name in apart.READ_AS_A_WHOLE:
        return None
    if isinstance(node, Mapping):
        own: list[Any] = [(key.value, _text(value)) for key, value in node.pairs]
    else:
        own = [_text(item) for item in node.items]
    # Version 2 of the format knows no references, so that equal things are written alike.
    return blake2b(standing + marshal.dumps((name, path, own), 2), digest_size=16).digest()


def _text(node: Node) -> bool | tuple[bytes, bytes | None, str, str]:
    if not isinstance(node, Scalar):
        return node is None
    return node.value, None if node.raw == node.value else node.raw, node.style, node.tag


def _has_any(branch: TreeBranch, spots: list[int]) -> bool:
    """Whether one of the texts in a branch itself begins, or holds what begins, at one of `spots`."""
    node = branch.node
    texts = [text for pair in node.pairs for text in pair] if isinstance(node, Mapping) else node.items
    return any(text.start <= spot <= text.end for spot in spots for text in texts if isinstance(text, Scalar))


def _judged(branches: list[TreeBranch], place: SettingPlace) -> Iterator[Match]:
    # A witness is told of what is not judged, too.
    settings = tree_settings.settings_in(branches, *(() if witness.present() else (may_count,)))
    yield from judge(settings, place, unless=is_mention)
    yield from judge(apart.settings_in(branches), place, unless=is_mention)
    lists = tree_settings.items_in(branches)
    yield from judge((item for item in lists if kind_of_several(item.key)), place)
