"""CI pipelines of GitHub, Gitea, Forgejo and GitLab: their variables, and what their scripts pass on.

A variable is a `Setting` whose path leads through the document: ("jobs", "test", "services", "db").
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.commands import shell
from secopskit.formats.trees.environment import text_of, variables
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
                    yield from _passed_on(line, (*path, inner))
        elif inner != "permissions" and not isinstance(value, Scalar):
            yield from settings(value, (*path, inner))


def _passed_on(script: Scalar, path: tuple[str, ...]) -> Iterator[Setting]:
    """What a script hands to programs. The versions of a file share most of their scripts."""
    for one in _passed_on_by(script.raw, path):
        yield one._replace(span=Span(one.span.start + script.start, one.span.end + script.start))


@lru_cache(maxsize=1024)
def _passed_on_by(script: bytes, path: tuple[str, ...]) -> tuple[Setting, ...]:
    return tuple(shell.passed_on(script, 0, path))
