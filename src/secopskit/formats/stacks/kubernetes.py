"""Kubernetes: `kind: Secret` manifests, whose values are base64 in `data` and plain in `stringData`.

Each entry is a `Setting` with the path ("data",) or ("stringData",); one of `data` has the decoded
text as value and the encoding "base64". What is no text (a key in its raw form) stays as written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.encoding import from_base64
from secopskit.formats.setting import Setting
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCKS: Final = ("data", "stringData")


def is_secret(document: Mapping) -> bool:
    """Whether the map is a Secret manifest."""
    kind = document.get("kind")
    return (
        isinstance(kind, Scalar)
        and kind.value.lower() == b"secret"
        and document.get("apiVersion") is not None
    )


def secrets(node: Node) -> Iterator[Mapping]:
    """The Secret manifests in a document, also those in a list of manifests."""
    if isinstance(node, Mapping):
        if is_secret(node):
            yield node
            return
        for _, value in node.pairs:
            yield from secrets(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from secrets(item)


def settings(manifest: Mapping) -> Iterator[Setting]:
    """The entries of a Secret manifest."""
    for block in _BLOCKS:
        node = manifest.get(block)
        for key, value in node.pairs if isinstance(node, Mapping) else ():
            if isinstance(value, Scalar):
                yield _entry(text_of(key), value, block)


def _entry(name: str, scalar: Scalar, block: str) -> Setting:
    plain = from_base64(scalar.value) if block == "data" else None
    return Setting(
        key=name,
        value=scalar.value if plain is None else plain,
        span=Span(scalar.start, scalar.end),
        path=(block,),
        quote=scalar.style,
        encoding="" if plain is None else "base64",
    )
