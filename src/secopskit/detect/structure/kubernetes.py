"""Kubernetes: the entries of `kind: Secret` manifests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.json_file import registry_logins
from secopskit.detect.structure.judge import SecretCandidate, candidate_of, judge_candidates
from secopskit.detect.structure.place import Trust, place_for
from secopskit.detect.value.filters import KeyKind, is_path, is_reference, looks_random, sensitive_key
from secopskit.formats.lines import assignments
from secopskit.formats.stacks import kubernetes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match
    from secopskit.formats.setting import Setting
    from secopskit.formats.yaml_tree import Mapping

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


def in_manifest(manifest: Mapping, blob: Blob) -> Iterator[Match]:
    """The matches in a Secret manifest that `blob` holds."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    for entry in kubernetes.settings(manifest):
        yield from judge_candidates(_candidates(entry, blob.data), place)


def _candidates(entry: Setting, data: bytes) -> Iterator[SecretCandidate | None]:
    name, value = entry.key, entry.value
    encoded = entry.path == ("data",)
    if encoded and not entry.encoding:  # not text: a key in its raw form
        yield candidate_of(entry)
    elif name.endswith((".dockerconfigjson", ".dockercfg")):
        for login in registry_logins(value):
            yield login._replace(span=entry.span, note="registry login")
    elif name in ("htpasswd", "auth") and _HASHED.search(value):
        yield _candidate(entry, value, KeyKind.CREDENTIALS)
    elif not encoded and b"\n" in value:  # a file within the file
        yield from map(candidate_of, assignments(data[slice(*entry.span)], entry.span.start))
    elif pair := _PAIR.fullmatch(value):
        yield _candidate(entry, pair[1], KeyKind.PASSWORD)
    else:
        yield _candidate(entry, value, _kind(name, value))


def _candidate(entry: Setting, value: bytes, kind: KeyKind | None) -> SecretCandidate:
    note = f"key {entry.key[:60]}, decoded from {entry.encoding}" if entry.encoding else ""
    return SecretCandidate(entry.key, value, entry.span, kind, note=note)


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
