"""The record of what was published: which value we wrote to which sink under which name, and when.

`<git dir>/secops/published.json` holds it by the sink's address and the name as the sink keeps it:

    {"version": 1, "published": {"<address>": {"<name>": {"fingerprint": …, "at": …, "by": …}}}}

Fingerprints are under the repository's own key, times those of the sink's host, in ISO 8601. `by` names
the declaration that was applied. A record of the same facts that may be committed is in `published_file`.
No value stands in either.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from secopskit.errors import ConfigError, SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.lock import held
from secopskit.state.private import private_directory, replace_whole
from secopskit.state.smallfiles import read_small

FILE_NAME: Final = "published.json"
LIMIT: Final = 16 * 1024 * 1024
_LOCK_NAME: Final = "published.lock"
_LOCK_SECONDS: Final = 30.0
_VERSION: Final = 1
_DIGEST: Final = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{64}|)", re.ASCII)
_DAMAGED: Final = "Move it away: what was written before is then unknown, and nothing else is lost."

PublishedName: TypeAlias = tuple[str, str]
"""The address of a sink, and a name as that sink keeps it."""


class PublishedFact(NamedTuple):
    """What is on record of a name in a sink.

    `digest` stands for the value, empty where none is kept. `at` is when the host says that it was
    written, with its zone; None where the host did not say. `by` names the declaration.
    """

    digest: str
    at: datetime | None
    by: str


class PublishedValue(NamedTuple):
    """A value that was just written to a sink. See `PublishedFact`."""

    value: SecretValue
    at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class PublishedRecord:
    """The record in a repository's state directory: what this clone wrote. Nobody can commit to it."""

    directory: str

    @property
    def path(self) -> str:
        """Where it lies."""
        return os.path.join(self.directory, FILE_NAME)

    def read(self) -> Mapping[PublishedName, PublishedFact]:
        """All facts. Empty where nothing is on record. Raises ConfigError for what is no such record."""
        if not os.path.lexists(self.path):
            return {}
        document = load_record(self.path, within=os.path.dirname(self.directory))
        return facts_of(self.path, document, "fingerprint")

    def update(
        self,
        written: Mapping[PublishedName, PublishedValue],
        removed: Iterable[PublishedName] = (),
    ) -> None:
        """Put down what was written and what was removed, on the disk when this returns.

        Writers at the same time wait for each other. Raises SecopsError; ConfigError for a damaged
        record, which stays.
        """
        try:
            private_directory(self.directory)
            key = fingerprint_key(self.directory)
            with locked_record(self.directory):
                facts = dict(self.read())
                for name in removed:
                    facts.pop(name, None)
                for name, (value, at, by) in written.items():
                    facts[name] = PublishedFact(value.fingerprint(key).text, at, by)
                document = {"version": _VERSION, "published": nested(facts, "fingerprint")}
                replace_whole(self.path, json.dumps(document, indent=1, sort_keys=True).encode() + b"\n")
        except OSError as error:
            raise unwritable(self.path, error) from None


# --- the form, which the record that may be committed shares ------------------------------------


def locked_record(directory: str) -> AbstractContextManager[int]:
    """A block in which this process alone writes a record."""
    return held(
        directory,
        running="another command that records what it wrote",
        advice="Try again.",
        name=_LOCK_NAME,
        wait=_LOCK_SECONDS,
    )


def load_record(path: str, *, within: str) -> dict[str, Any]:
    """The document of a record. Raises ConfigError for what is none, or of another version."""
    try:
        document = json.loads(read_small(path, limit=LIMIT, within=within))
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        raise damaged(path)
    return document


def facts_of(path: str, document: Mapping[str, Any], digest: str) -> dict[PublishedName, PublishedFact]:
    """The facts of a document, in which the digest stands under the name `digest`. Raises ConfigError."""
    try:
        return {
            (address, name): _fact(body, digest)
            for address, names in document["published"].items()
            for name, body in names.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged(path) from None


def nested(facts: Mapping[PublishedName, PublishedFact], digest: str) -> dict[str, dict[str, Any]]:
    """Facts as a document holds them."""
    found: dict[str, dict[str, Any]] = {}
    for (address, name), fact in facts.items():
        at = fact.at.astimezone(UTC).isoformat(timespec="seconds") if fact.at else ""
        found.setdefault(address, {})[name] = {digest: fact.digest, "at": at, "by": fact.by}
    return found


def damaged(path: str) -> ConfigError:
    """The error for what is no record."""
    return ConfigError(f"{path}: is not a record of what was written where", advice=_DAMAGED)


def unwritable(path: str, error: OSError) -> SecopsError:
    """The error for a record that cannot be written."""
    return SecopsError(f"{path}: cannot be written: {error.strerror}", advice="Check the directory's mode.")


def _fact(body: Mapping[str, Any], digest: str) -> PublishedFact:
    if body.keys() != {digest, "at", "by"} or not all(isinstance(text, str) for text in body.values()):
        raise ValueError
    if not _DIGEST.fullmatch(body[digest]):
        raise ValueError
    at = datetime.fromisoformat(body["at"]) if body["at"] else None
    if at is not None and at.tzinfo is None:
        raise ValueError
    return PublishedFact(body[digest], at, body["by"])
