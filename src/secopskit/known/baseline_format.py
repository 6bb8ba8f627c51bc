"""The baseline file's format: version 1, strict to read, with small diffs when it changes.

    {"version": 1, "salt": "<hex>", "entries": [{"rule_id": …, "path": …, "digest": …, …}]}

Entries stand one key a line, ordered by path, rule and digest. Whoever can open a pull request
can write this file, so nothing in it is believed before it is checked.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NoReturn

from secopskit.errors import ConfigError

VERSION: Final = 1
MAX_ENTRIES: Final = 20_000
_SALT: Final = re.compile(r"[0-9a-f]{16,128}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TEXTS: Final = {"rule_id": 100, "path": 8192, "reason": 2000, "owner": 500}
_MAX_LINE: Final = 2**53
_ADVICE: Final = "Restore it from git, or write it anew with `secops baseline create`. See docs/baseline.md."


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineEntry:
    """One accepted finding. `line` is for the reader only; `expires` is the last day it holds."""

    rule_id: str
    path: str
    digest: str | None
    line: int
    added: date
    reason: str = ""
    owner: str = ""
    expires: date | None = None

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What makes two entries the same."""
        return (self.rule_id, self.path, self.digest)

    @property
    def order(self) -> tuple[str, str, str]:
        """Where the entry stands in the file."""
        return (self.path, self.rule_id, self.digest or "")

    def expired(self, today: date) -> bool:
        """Whether the entry has stopped to hold."""
        return self.expires is not None and today > self.expires


_FIELDS: Final = frozenset(BaselineEntry.__dataclass_fields__)


def dump_document(salt: bytes, entries: tuple[BaselineEntry, ...]) -> bytes:
    """The file's content. `entries` are in order already."""
    document = {"version": VERSION, "salt": salt.hex(), "entries": [_written(entry) for entry in entries]}
    return (json.dumps(document, indent=2) + "\n").encode("ascii")


def _written(entry: BaselineEntry) -> dict[str, object]:
    return {
        "rule_id": entry.rule_id,
        "path": entry.path,
        "digest": entry.digest,
        "line": entry.line,
        "reason": entry.reason,
        "owner": entry.owner,
        "expires": entry.expires.isoformat() if entry.expires else None,
        "added": entry.added.isoformat(),
    }


def parse_document(data: bytes, source: str) -> tuple[bytes, tuple[BaselineEntry, ...]]:
    """Salt and entries. Raises ConfigError, naming `source` and what is wrong, never a value."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):  # also a number too long, or text that is not Unicode
        _wrong(source, "is not JSON")
    if not isinstance(document, dict) or set(document) != {"version", "salt", "entries"}:
        _wrong(source, "must hold `version`, `salt` and `entries`, and nothing else")
    if document["version"] != VERSION or isinstance(document["version"], bool):
        _wrong(source, f"has a version other than {VERSION}")
    salt, entries = document["salt"], document["entries"]
    if not isinstance(salt, str) or not _SALT.fullmatch(salt) or len(salt) % 2:
        _wrong(source, "`salt` must be 16 to 128 hexadecimal digits")
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        _wrong(source, f"`entries` must be a list of at most {MAX_ENTRIES}")
    parsed = (_entry(entry, f"{source}: entry {number}") for number, entry in enumerate(entries, 1))
    return bytes.fromhex(salt), tuple(parsed)


def _entry(entry: object, source: str) -> BaselineEntry:
    if not isinstance(entry, dict) or not set(entry) <= _FIELDS:
        _wrong(source, f"must be a mapping of {', '.join(sorted(_FIELDS))}")
    if missing := {"rule_id", "path", "digest", "added"} - set(entry):
        _wrong(source, f"lacks `{min(missing)}`")
    texts = {key: _text(entry.get(key, ""), limit, key, source) for key, limit in _TEXTS.items()}
    digest = entry["digest"]
    if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        _wrong(source, "`digest` must be 64 hexadecimal digits or null")
    line = entry.get("line", 0)
    if not isinstance(line, int) or isinstance(line, bool) or not 0 <= line < _MAX_LINE:
        _wrong(source, "`line` must be a line number")
    expires = entry.get("expires")
    return BaselineEntry(
        **texts,
        digest=digest,
        line=line,
        expires=None if expires is None else _date(expires, "expires", source),
        added=_date(entry["added"], "added", source),
    )


def _text(value: Any, limit: int, key: str, source: str) -> str:
    if not isinstance(value, str) or len(value) > limit:
        _wrong(source, f"`{key}` must be a text of at most {limit} characters")
    return value


def _date(value: Any, key: str, source: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        _wrong(source, f"`{key}` must be a date such as 2030-12-31")


def _wrong(source: str, problem: str) -> NoReturn:
    raise ConfigError(f"{source}: {problem}", advice=_ADVICE)
