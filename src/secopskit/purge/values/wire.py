"""Targets as bytes, to cross a private pipe between two processes of ours. Never written to a file."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

from secopskit.purge.model import PurgeTarget, Style
from secopskit.secret import SecretValue


def targets_to_wire(targets: Iterable[PurgeTarget]) -> bytes:
    """The targets, values included."""
    return json.dumps([_fields(target) for target in targets]).encode()


def targets_from_wire(text: bytes) -> tuple[PurgeTarget, ...]:
    """The other end of `targets_to_wire`."""
    return tuple(_target(fields) for fields in json.loads(text))


def _fields(target: PurgeTarget) -> dict[str, Any]:
    return {
        "number": target.number,
        "value": _text(target.value.to_wire()),
        "label": target.label,
        "fingerprint": target.fingerprint,
        "preview": target.preview,
        "rule_id": target.rule_id,
        "finding_id": target.finding_id,
        "remediation": target.remediation,
        "replacement": _text(target.replacement),
        "style": target.style.value,
        "blobs": None if target.blobs is None else sorted(target.blobs),
        "rotated": target.rotated,
        "extra_forms": [_text(extra.to_wire()) for extra in target.extra_forms],
    }


def _target(fields: dict[str, Any]) -> PurgeTarget:
    blobs = fields.pop("blobs")
    return PurgeTarget(
        value=SecretValue.from_wire(b64decode(fields.pop("value"))),
        replacement=b64decode(fields.pop("replacement")),
        style=Style(fields.pop("style")),
        blobs=None if blobs is None else frozenset(blobs),
        extra_forms=tuple(SecretValue.from_wire(b64decode(text)) for text in fields.pop("extra_forms")),
        **fields,
    )


def _text(value: bytes) -> str:
    return b64encode(value).decode()
