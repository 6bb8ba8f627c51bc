"""Docker Compose: what the services are started with, wherever in the file it is written.

Environment variables, build arguments, options of commands, and the contents of inline configs and
secrets, each a `Setting` whose path leads through the document: ("services", "db", "environment").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from secopskit.formats.commands import options
from secopskit.formats.lines import assignments
from secopskit.formats.trees.environment import pair_in, setting, text_of, variables
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.formats.setting import Setting

Path: TypeAlias = tuple[str, ...]
_ENVIRONMENT: Final = frozenset({"environment", "args", "env", "x-environment", "x-env"})
_COMMANDS: Final = frozenset({"command", "entrypoint", "test"})
_SERVICE_KEYS: Final = frozenset(
    {
        "image",
        "build",
        "environment",
        "command",
        "ports",
        "volumes",
        "depends_on",
        "restart",
        "env_file",
        "extends",
    }
)


def is_compose(document: Mapping) -> bool:
    """Whether the document has services as Compose has them (not those of a CI job)."""
    services = document.get("services")
    if not isinstance(services, Mapping) or document.get("jobs") is not None:
        return False
    return any(
        isinstance(service, Mapping) and any(text_of(key) in _SERVICE_KEYS for key, _ in service.pairs)
        for _, service in services.pairs
    )


def settings(document: Mapping, *, without: frozenset[str] = frozenset()) -> Iterator[Setting]:
    """Every setting of the document: services, extension fields, inline configs and secrets.

    Keys in `without` are left out with all that is below them.
    """
    for key, node in document.pairs:
        name = text_of(key)
        if name in ("secrets", "configs"):
            yield from _contents(node, (name,))
        else:
            yield from _walk(name, node, (name,), without, environment=name.startswith("x-"))


def _contents(node: Node, path: Path) -> Iterator[Setting]:
    """`secrets: {db_password: {content: …}}`; with `file:` or `environment:` the value is elsewhere."""
    for name, entry in node.pairs if isinstance(node, Mapping) else ():
        content = entry.get("content") if isinstance(entry, Mapping) else None
        if isinstance(content, Scalar):
            yield setting(name, content, path)
            yield from assignments(content.raw, content.start)


def _walk(
    name: str, node: Node, path: Path, without: frozenset[str], *, environment: bool
) -> Iterator[Setting]:
    environment = environment or name in _ENVIRONMENT
    if name in _COMMANDS and not isinstance(node, Mapping):
        yield from _command(node, path)
    elif environment:
        yield from variables(node, path)
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            inner = text_of(key)
            if inner in without:
                continue
            if isinstance(value, Scalar) and not environment and inner not in _COMMANDS:
                yield setting(key, value, path)
            else:
                yield from _walk(inner, value, (*path, inner), without, environment=False)
    elif isinstance(node, Sequence) and name not in _COMMANDS and name not in _ENVIRONMENT:
        for item in node.items:
            yield from _walk("", item, path, without, environment=False)


def _command(node: Node, path: Path) -> Iterator[Setting]:
    if isinstance(node, Scalar):
        yield from options.in_text(node.raw, node.start, path)
    elif isinstance(node, Sequence):
        words = [item for item in node.items if isinstance(item, Scalar)]
        if words and words[0].value in (b"CMD", b"CMD-SHELL"):
            words = words[1:]
        yield from options.in_words(words, path)
        for word in words:
            # postgres -c key=value, server key=value
            if not word.value.startswith(b"-") and (pair := pair_in(word, path)):
                yield pair
