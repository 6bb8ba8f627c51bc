"""Kubernetes: `kind: Secret` manifests, whose values are base64 in `data` and plain in `stringData`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.environment import text_of
from secopskit.detect.structure.json_file import docker_auths
from secopskit.detect.structure.judge import decoded
from secopskit.detect.structure.lines import assignments
from secopskit.detect.structure.setting import Setting
from secopskit.detect.structure.yaml_tree import Mapping, Scalar
from secopskit.detect.value.filters import KeyKind, is_path, is_reference, looks_random, sensitive_key
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

RULE: Final = "kubernetes-secret"
# `user:password` and nothing more.
_PAIR: Final = re.compile(rb"[\w.@-]{1,64}:([^\s:/$]{3,200})")
_HASHED: Final = re.compile(rb":\$\w{1,10}\$|:\{SHA\}")
_PUBLIC: Final = frozenset(
    {
        "username",
        "user",
        "host",
        "hostname",
        "port",
        "database",
        "dbname",
        "url",
        "endpoint",
        "region",
        "ca.crt",
    }
)
_PUBLIC_ENDS: Final = (
    ".crt",
    ".pub",
    "_user",
    "-user",
    "_username",
    "_host",
    "_port",
    "-username",
    "namespace",
    "email",
)


def is_secret(document: Mapping) -> bool:
    """Whether the map is a Secret manifest."""
    kind = document.get("kind")
    return (
        isinstance(kind, Scalar)
        and kind.value.lower() == b"secret"
        and document.get("apiVersion") is not None
    )


def settings(document: Mapping) -> Iterator[Setting]:
    """The settings of a Secret manifest."""
    for block in ("data", "stringData"):
        node = document.get(block)
        for key, value in node.pairs if isinstance(node, Mapping) else ():
            if isinstance(value, Scalar):
                yield from _entry(text_of(key), value, encoded=block == "data")


def _entry(name: str, scalar: Scalar, *, encoded: bool) -> Iterator[Setting]:
    span, note = Span(scalar.start, scalar.end), ""
    value: bytes | None = scalar.value
    if encoded:
        value, note = decoded(scalar.value), f"key {name[:60]}, decoded from base64"
    if value is None:  # not text: a key in its raw form
        yield Setting(key=name, value=scalar.value, span=span)
    elif name.endswith((".dockerconfigjson", ".dockercfg")):
        for login in docker_auths(value):
            yield login._replace(span=span, note="registry login")
    elif name in ("htpasswd", "auth") and _HASHED.search(value):
        yield Setting(key=name, value=value, span=span, kind=KeyKind.CREDENTIALS, note=note)
    elif not encoded and b"\n" in value:  # a file within the file
        yield from assignments(scalar.raw, scalar.start)
    elif pair := _PAIR.fullmatch(value):
        yield Setting(key=name, value=pair[1], span=span, kind=KeyKind.PASSWORD, note=note)
    else:
        yield Setting(key=name, value=value, span=span, kind=_kind(name, value), note=note)


def _kind(name: str, value: bytes) -> KeyKind | None:
    """Every entry of a Secret is meant to be one, apart from what stands beside a password."""
    kind = sensitive_key(name)
    if kind is not None:
        return kind
    low = name.lower()
    if low in _PUBLIC or low.endswith(_PUBLIC_ENDS) or is_path(value) or is_reference(value):
        return None
    structured = b"\n" in value or value[:1] in b"{[<-"
    return None if structured or not looks_random(value) else KeyKind.TOKEN
