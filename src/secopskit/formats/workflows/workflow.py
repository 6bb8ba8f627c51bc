"""CI pipelines of GitHub, Gitea, Forgejo and GitLab: their variables, and what their scripts pass on.

A variable is a `Setting` whose path leads through the document: ("jobs", "test", "services", "db").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.formats.commands import shell
from secopskit.formats.environment import text_of, variables
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.formats.setting import Setting

_NAME: Final = prepared(
    r"(?:^|/)\.(?:github|gitea|forgejo)/(?:workflows|actions)/|(?:^|/)\.gitlab-ci[\w.-]*$"
)
_VARIABLES: Final = frozenset({"env", "with", "variables", "environment", "credentials"})
_SCRIPTS: Final = frozenset({"run", "script", "before_script", "after_script"})


def is_workflow(path: str) -> bool:
    """Whether a file of that name is a pipeline or a part of one."""
    return _NAME.search(path) is not None


def settings(node: Node, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """`env`, `with`, `services`, and what `run` scripts hand to programs."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from settings(item, path)
    if not isinstance(node, Mapping):
        return
    for key, value in node.pairs:
        inner = text_of(key)
        if inner in _VARIABLES:
            yield from variables(value, (*path, inner))
        if inner in _SCRIPTS:
            for line in value.items if isinstance(value, Sequence) else (value,):
                if isinstance(line, Scalar):
                    yield from shell.passed_on(line.raw, line.start, (*path, inner))
        elif inner != "permissions":
            yield from settings(value, (*path, inner))
