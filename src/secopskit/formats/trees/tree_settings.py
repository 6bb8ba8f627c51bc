"""Settings of a tree of maps and lists (YAML, JSON): every key with a text, and lists of an environment.

A `Setting`'s path leads through the document: ("spec", "containers").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.lines import assignments, pairs
from secopskit.formats.setting import Setting
from secopskit.formats.trees.environment import setting, text_of, variables
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ENVIRONMENT: Final = frozenset({"env", "environment", "environmentVariables", "envVars"})
_BLOCKS: Final = ("|", ">")
_PROPERTIES: Final = frozenset({"properties", "patternProperties"})
_SCHEMA: Final = (
    "type",
    "$ref",
    "anyOf",
    "oneOf",
    "allOf",
    "enum",
    "format",
    "const",
    "x-kubernetes-preserve-unknown-fields",
)


class TreeBranch(NamedTuple):
    """A map or a list in a tree: the key it stands under ("" at the top), itself, and where it stands.

    A map in a list stands under the list's key. `path` ends with the key of the nearest map above.
    """

    name: str
    node: Mapping | Sequence
    path: tuple[str, ...]

    @property
    def is_environment(self) -> bool:
        """Whether it is a list of variables, as containers have them."""
        return isinstance(self.node, Sequence) and self.name in _ENVIRONMENT


def _keep_all(_branch: TreeBranch) -> bool:
    return False


def _all_count(_key: bytes, _value: bytes, _below: str) -> bool:
    return True


def settings(node: Node) -> Iterator[Setting]:
    """Every setting below `node`. See `settings_in`."""
    return settings_in(branches(node))


def settings_in(
    found: Iterable[TreeBranch], counts: Callable[[bytes, bytes, str], bool] = _all_count
) -> Iterator[Setting]:
    """Every setting in some branches; of keys with a text, those of which `counts` holds.

    It is given the key, the text, and the last part of the path. A scalar of several lines is read as the
    settings file that it may be, too (as in a ConfigMap).
    """
    for branch in found:
        if branch.is_environment:
            yield from variables(branch.node, branch.path)
        elif isinstance(branch.node, Mapping):
            below = branch.path[-1] if branch.path else ""
            for key, value in branch.node.pairs:
                if isinstance(value, Scalar):
                    if counts(key.value, value.value, below):
                        yield setting(key, value, branch.path)
                    if value.style in _BLOCKS or b"\n" in value.raw:
                        yield from assignments(value.raw, value.start)
                        yield from pairs(value.raw, value.start)
                    elif (
                        b"\n" in value.value and b"." in key.value
                    ):  # a file as one text: `\n` is a line's end
                        yield from assignments(value.raw.replace(b"\\n", b" \n"), value.start)


def items_in(found: Iterable[TreeBranch]) -> Iterator[Setting]:
    """The texts in lists among some branches, each under the name of its list."""
    for name, inner, path in found:
        for item in inner.items if isinstance(inner, Sequence) else ():
            if isinstance(item, Scalar) and name not in _ENVIRONMENT:
                yield Setting(name, item.value, Span(item.start, item.end), path[:-1], item.style)


def branches(
    node: Node,
    *,
    without: frozenset[str] = frozenset(),
    leave: Callable[[TreeBranch], bool] = _keep_all,
) -> list[TreeBranch]:
    """The maps and lists below `node`, itself included, each before those in it.

    Keys in `without` that hold more than a scalar are left out with all that is below them, and so
    are the branches that `leave` tells, and the properties of a schema, which describe and set nothing.
    """
    found = list[TreeBranch]()
    if isinstance(node, Mapping | Sequence):
        _walk(TreeBranch("", node, ()), without, leave, found)
    return found


def _walk(
    branch: TreeBranch, without: frozenset[str], leave: Callable[[TreeBranch], bool], into: list[TreeBranch]
) -> None:
    name, node, path = branch
    if leave(branch):
        return
    into.append(branch)
    if branch.is_environment:
        return
    if isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Mapping | Sequence):
                _walk(TreeBranch(name, item, path), without, leave, into)
        return
    for key, value in node.pairs:
        if isinstance(value, Mapping | Sequence):
            inner = text_of(key)
            if inner not in without and not _is_schema(inner, value):
                _walk(TreeBranch(inner, value, (*path, inner)), without, leave, into)


def _is_schema(name: str, node: Mapping | Sequence) -> bool:
    """Whether they are the properties of a JSON schema: each of them a map that says what type it has."""
    if name not in _PROPERTIES or not isinstance(node, Mapping) or not node.pairs:
        return False
    return all(
        isinstance(value, Mapping) and any(value.get(word) is not None for word in _SCHEMA)
        for _, value in node.pairs
    )
