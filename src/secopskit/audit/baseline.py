"""The baseline of an audit: mismatches that somebody has looked at and accepted.

    {"kind": "secops-audit-baseline", "version": 1,
     "accepted": [{"id": …, "rule": …, "subject": …, "stack": …, "file": …, "reason": …, "owner": …}]}

A mismatch is known by its rule, subject and file, so it stays accepted when lines move, and in a clone of
another name. `stack` is for who reads the file. Whoever can open a pull request can write it: nothing in it
is believed before it is checked, and what it holds back is counted in every report.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable
from typing import Any, Final, NoReturn

from secopskit.audit.model import Mismatch
from secopskit.audit.outcome import AcceptedMismatch
from secopskit.collect.own import BASELINE_KIND
from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple
from secopskit.state.private import replace_file
from secopskit.state.smallfiles import StrPath, read_small

VERSION: Final = 1
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ENTRIES: Final = 20_000
_ID: Final = re.compile(r"[0-9a-f]{16}")
_LONGEST: Final = 8192
_ADVICE: Final = "Restore it from git, or remove it and run `secops audit --update-baseline`."


class BaselineChange(NamedTuple):
    """What writing a baseline anew does: entries that come, that stay, and that accept nothing any more."""

    added: tuple[AcceptedMismatch, ...]
    kept: tuple[AcceptedMismatch, ...]
    dropped: tuple[AcceptedMismatch, ...]

    @property
    def after(self) -> tuple[AcceptedMismatch, ...]:
        """The entries that are then there."""
        return (*self.kept, *self.added)


def load_accepted(path: StrPath, *, within: StrPath | None = None) -> tuple[AcceptedMismatch, ...]:
    """The entries of the baseline at `path`, none where there is no file. Raises ConfigError."""
    if not os.path.lexists(path):
        return ()
    return parse_accepted(read_small(path, limit=MAX_BYTES, within=within), source=os.fspath(path))


def parse_accepted(data: bytes, *, source: str = "baseline") -> tuple[AcceptedMismatch, ...]:
    """The entries that `data` spells. Raises ConfigError, naming `source` and the entry."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):  # also a number too long, or text that is not Unicode
        _wrong(source, "is not JSON")
    if not isinstance(document, dict) or set(document) != {"kind", "version", "accepted"}:
        _wrong(source, "must hold `kind`, `version` and `accepted`, and nothing else")
    if document["kind"] != BASELINE_KIND:
        _wrong(source, f"has a kind other than {BASELINE_KIND}")
    if document["version"] != VERSION or isinstance(document["version"], bool):
        _wrong(source, f"has a version other than {VERSION}")
    entries = document["accepted"]
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        _wrong(source, f"`accepted` must be a list of at most {MAX_ENTRIES}")
    return tuple(_entry(entry, f"{source}: entry {number}") for number, entry in enumerate(entries, 1))


def dump_accepted(entries: Iterable[AcceptedMismatch]) -> bytes:
    """The file's content: the same entries give the same bytes."""
    ordered = sorted(entries, key=lambda one: (one.file, one.rule, one.subject, one.stack, one.id))
    document = {"kind": BASELINE_KIND, "version": VERSION, "accepted": [one._asdict() for one in ordered]}
    return (json.dumps(document, indent=2) + "\n").encode("ascii")


def save_accepted(path: StrPath, entries: Iterable[AcceptedMismatch]) -> None:
    """Write the file, whole or not at all. Raises ConfigError where it would be too large."""
    data = dump_accepted(entries)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: would be larger than {MAX_BYTES} bytes", advice="Exclude paths.")
    replace_file(path, data)


def change(
    before: Iterable[AcceptedMismatch],
    found: Iterable[Mismatch],
    *,
    reason: str = "",
    owner: str = "",
    unspoken: Collection[str] = (),
) -> BaselineChange:
    """What makes of `before` a baseline of exactly what is `found`. New entries get `reason` and `owner`.

    What rules that are `unspoken` accepted is kept: nobody has looked.
    """
    known = {entry.id: entry for entry in before}
    present = {mismatch.id: mismatch for mismatch in found}
    return BaselineChange(
        added=tuple(
            _accepted(mismatch, reason, owner) for key, mismatch in present.items() if key not in known
        ),
        kept=tuple(entry for key, entry in known.items() if key in present or entry.rule in unspoken),
        dropped=tuple(
            entry for key, entry in known.items() if key not in present and entry.rule not in unspoken
        ),
    )


def _accepted(mismatch: Mismatch, reason: str, owner: str) -> AcceptedMismatch:
    return AcceptedMismatch(
        id=mismatch.id,
        rule=mismatch.rule_id,
        subject=mismatch.subject,
        stack=mismatch.stack,
        file=mismatch.evidence[0].place.path,
        reason=reason,
        owner=owner,
    )


def _entry(entry: object, source: str) -> AcceptedMismatch:
    fields = AcceptedMismatch._fields
    if not isinstance(entry, dict) or not set(entry) <= set(fields):
        _wrong(source, f"must be a mapping of {', '.join(fields)}")
    if missing := {"id", "rule", "subject", "file"} - set(entry):
        _wrong(source, f"lacks `{min(missing)}`")
    texts = {name: _text(entry.get(name, ""), name, source) for name in fields}
    if not _ID.fullmatch(texts["id"]):
        _wrong(source, "`id` must be 16 hexadecimal digits")
    return AcceptedMismatch(**texts)


def _text(value: Any, name: str, source: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        _wrong(source, f"`{name}` must be a text of at most {_LONGEST} characters")
    return value


def _wrong(source: str, problem: str) -> NoReturn:
    raise ConfigError(f"{source}: {problem}", advice=_ADVICE)
