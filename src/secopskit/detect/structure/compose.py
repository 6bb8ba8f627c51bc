"""Docker Compose: what the services are started with, wherever in the file it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.structure import flags
from secopskit.detect.structure.environment import pair_in, setting, text_of, variables
from secopskit.detect.structure.lines import assignments
from secopskit.detect.structure.yaml_tree import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.detect.structure.setting import Setting

RULE: Final = "compose-secret"
_ENVIRONMENT: Final = frozenset({"environment", "args", "env", "x-environment", "x-env"})
_COMMANDS: Final = frozenset({"command", "entrypoint", "test"})
# What only refers to secrets by name.
_NAMES: Final = frozenset(
    {"secrets", "configs", "env_file", "image", "volumes", "depends_on", "networks", "ports", "profiles"}
)
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


def settings(document: Mapping) -> Iterator[Setting]:
    """Every setting of the document: services, extension fields, inline configs and secrets."""
    for key, node in document.pairs:
        name = text_of(key)
        if name in ("secrets", "configs"):
            yield from _contents(node)
        else:
            yield from _walk(name, node, environment=name.startswith("x-"))


def _contents(node: Node) -> Iterator[Setting]:
    """`secrets: {db_password: {content: …}}`; with `file:` or `environment:` the value is elsewhere."""
    for name, entry in node.pairs if isinstance(node, Mapping) else ():
        content = entry.get("content") if isinstance(entry, Mapping) else None
        if isinstance(content, Scalar):
            yield setting(name, content)
            yield from _lines(content)


def _lines(content: Scalar) -> Iterator[Setting]:
    yield from assignments(content.raw, content.start)


def _walk(name: str, node: Node, *, environment: bool) -> Iterator[Setting]:
    if name in _COMMANDS and not isinstance(node, Mapping):
        yield from _command(node)
    elif name in _ENVIRONMENT or environment:
        yield from variables(node)
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            inner = text_of(key)
            if inner in _NAMES:
                continue
            if (
                isinstance(value, Scalar)
                and not (name in _ENVIRONMENT or environment)
                and inner not in _COMMANDS
            ):
                yield setting(key, value)
            else:
                yield from _walk(inner, value, environment=False)
    elif isinstance(node, Sequence) and name not in _COMMANDS and name not in _ENVIRONMENT:
        for item in node.items:
            yield from _walk("", item, environment=False)


def _command(node: Node) -> Iterator[Setting]:
    if isinstance(node, Scalar):
        yield from flags.in_text(node.raw, node.start)
    elif isinstance(node, Sequence):
        words = [(item.value, item.start) for item in node.items if isinstance(item, Scalar)]
        if words and words[0][0] in (b"CMD", b"CMD-SHELL"):
            words = words[1:]
        yield from flags.in_words(words)
        for word, offset in words:
            if b"=" in word and not word.startswith(b"-"):  # postgres -c key=value, server key=value
                yield from _pair(word, offset)


def _pair(word: bytes, offset: int) -> Iterator[Setting]:
    if (pair := pair_in(Scalar(word, offset, offset + len(word), word))) is not None:
        yield pair
