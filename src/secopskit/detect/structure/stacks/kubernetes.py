"""Kubernetes: the entries of `kind: Secret` manifests."""

from __future__ import annotations

import re
from binascii import a2b_base64
from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import SecretCandidate, candidate_of
from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.structure.trees.registries import registry_logins
from secopskit.detect.value.filters import (
    KeyKind,
    is_path,
    is_reference,
    is_weak_password,
    looks_random,
    sensitive_key,
)
from secopskit.formats.lines import assignments
from secopskit.formats.stacks import kubernetes
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match
    from secopskit.formats.setting import Setting
    from secopskit.formats.trees.yaml_tree import Mapping


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


RULE: Final = "kubernetes-secret"
# `user:password` and nothing more.
_PAIR: Final = prepared(rb"[\w.@-]{1,64}:([^\s:/$]{3,200})")
_HASHED: Final = prepared(rb":\$\w{1,10}\$|:\{SHA\}")
# What stands beside a password: its last word, as a name has it.
_PUBLIC: Final = _set(
    "user username login host hostname port db database dbname name url uri endpoint address region "
    "zone namespace email mail crt cert ca pub domain issuer realm bucket level mode type kind "
    "version enabled debug env environment driver schema path file dir timezone tz locale lang "
    "language image tag format provider title description org organization project tenant subject dn "
    "scope scopes id size limit timeout interval ttl date time created"
)
_WORD: Final = prepared(r"[A-Za-z]+")
# Texts that mix letters, digits and signs and keep nothing secret: versions, dates, zones, hosts, addresses.
_OPEN: Final = prepared(
    rb"v?\d{1,8}(?:[._-]\w{1,20}){1,8}|\d{4}-\d\d-\d\d\S{0,40}|[a-z]{2}(?:-[a-z]{1,12}){1,2}-?\d{1,2}[a-z]?"
    rb"|(?:[\w-]{1,63}\.){1,10}[a-z]{2,20}(?::\d{1,5})?|[^\s@:]{1,80}@[\w.-]{1,120}|[\w.-]{1,63}:\d{1,5}|\d[\d.,:%smhdKMGTi]{0,20}"
)
_KINDS_OF_SIGNS: Final = tuple(map(re.compile, (rb"[a-z]", rb"[A-Z]", rb"\d{2}", rb"[^\w\s./:,-]")))
# A weak password that cannot be the value of anything else.
_SELF_NAMED: Final = prepared(rb"(?i)passw|secret|changeme|letmein|qwerty")
_LEAST: Final = 8
_LONGEST_KEY: Final = 512  # bytes of a key in its raw form


def in_manifest(manifest: Mapping, blob: Blob) -> Iterator[Match]:
    """The matches in a Secret manifest that `blob` holds."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    for entry in kubernetes.settings(manifest):
        yield from judge_candidates(_candidates(entry, blob.data), place)


def _candidates(entry: Setting, data: bytes) -> Iterator[SecretCandidate | None]:
    name, value = entry.key, entry.value
    encoded = entry.path == ("data",)
    if encoded and not entry.encoding:  # not text: a key in its raw form
        yield (
            SecretCandidate(name, value, entry.span, KeyKind.TOKEN) if _is_raw(value) else candidate_of(entry)
        )
    elif name.endswith((".dockerconfigjson", ".dockercfg")):
        for login in registry_logins(value):
            yield login._replace(span=entry.span, note="registry login")
    elif name in ("htpasswd", "auth") and _HASHED.search(value):
        yield _candidate(entry, value, KeyKind.CREDENTIALS)
    elif b"\n" in value.strip():  # a file within the file
        yield from _in_file(entry, data)
    elif pair := _PAIR.fullmatch(value):
        yield _candidate(entry, pair[1], KeyKind.PASSWORD)
    else:
        yield _candidate(entry, value, _kind(name, value))


def _is_raw(value: bytes) -> bool:
    """Whether it is base64 of a few bytes that are no text."""
    text = b"".join(value.split())
    if not 16 <= len(text) <= _LONGEST_KEY:
        return False
    try:
        return len(a2b_base64(text, strict_mode=True)) >= _LEAST
    except ValueError:  # binascii.Error is one
        return False


def _in_file(entry: Setting, data: bytes) -> Iterator[SecretCandidate | None]:
    """The settings of a file that is an entry; of one in base64, all stand where the entry does."""
    if not entry.encoding:
        yield from map(candidate_of, assignments(data[slice(*entry.span)], entry.span.start))
        return
    for setting in assignments(entry.value):
        found = candidate_of(setting)
        yield found and _candidate(entry, setting.value, found.kind)


def _candidate(entry: Setting, value: bytes, kind: KeyKind | None) -> SecretCandidate:
    note = f"key {entry.key[:60]}, decoded from {entry.encoding}" if entry.encoding else ""
    return SecretCandidate(entry.key, value, entry.span, kind, note=note)


def _kind(name: str, value: bytes) -> KeyKind | None:
    """Every entry of a Secret is meant to be one, apart from what stands beside a password."""
    kind = sensitive_key(name)
    if kind is not None:
        return kind
    words = _WORD.findall(name)
    if (words and words[-1].lower() in _PUBLIC) or is_path(value) or is_reference(value):
        return None
    if b"\n" in value or value[:1] in b"{[<-" or _OPEN.fullmatch(value):
        return None
    if looks_random(value):
        return KeyKind.TOKEN
    if is_weak_password(value) and _SELF_NAMED.search(value):
        return KeyKind.PASSWORD
    mixed = sum(1 for sign in _KINDS_OF_SIGNS if sign.search(value)) >= 3
    return KeyKind.PASSWORD if mixed and len(value) >= _LEAST and b" " not in value else None
