"""The record of an incident: what each exposed secret was, for the time when no scan finds it any more.

`<git dir>/secops/incident/record.json` holds it by keyed fingerprint: places, commits and times, no value.
Writers at the same time wait for each other, and what one has put down the other does not undo.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.incident.model import ExposedSecret, IncidentState, Revocation
from secopskit.state.lock import held
from secopskit.state.private import private_directory, replace_whole, require_own
from secopskit.state.smallfiles import read_small

FILE_NAME: Final = "record.json"
_LIMIT: Final = 256 * 1024 * 1024
_LOCK_SECONDS: Final = 10.0
_VERSION: Final = 1
_TUPLES: Final = ("paths", "reopened", "objects")
_WORDS: Final = ("revoked", "removed", "dismissed")

Change = Callable[[dict[str, ExposedSecret]], object]


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """The record in a repository's state directory `state_dir`."""

    state_dir: str

    @property
    def directory(self) -> str:
        """The directory that it lies in."""
        return os.path.join(self.state_dir, "incident")

    @property
    def path(self) -> str:
        """Where it lies."""
        return os.path.join(self.directory, FILE_NAME)

    def read(self) -> Mapping[str, ExposedSecret]:
        """What is remembered, by fingerprint. Empty where nothing is.

        Raises ConfigError for what is no such record, RefusedError for another user's.
        """
        if not os.path.lexists(self.path):
            return {}
        require_own(self.path)
        try:
            return _from_json(json.loads(read_small(self.path, limit=_LIMIT, within=self.directory)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ConfigError(
                f"{self.path}: is not a record of an incident",
                advice="Move it away: what a purge has taken out is then forgotten, all else is found again.",
            ) from None

    def update(self, change: Change) -> Mapping[str, ExposedSecret]:
        """Read it, have it changed, and write it, alone; what stands in it then.

        On the disk when this returns; written only where it is another one then. Raises SecopsError.
        """
        try:
            private_directory(self.state_dir)
            private_directory(self.directory)
            with held(
                self.directory,
                running="another look at the incident",
                advice="Try again.",
                wait=_LOCK_SECONDS,
            ):
                before = self.read()
                known = dict(before)
                change(known)
                if known != before:
                    replace_whole(self.path, json.dumps(_to_json(known), indent=1).encode() + b"\n")
                return known
        except OSError as error:
            raise SecopsError(
                f"{self.path}: cannot be written: {error.strerror}", advice="Check the directory's mode."
            ) from None


def _to_json(known: Mapping[str, ExposedSecret]) -> dict[str, Any]:
    secrets = {name: asdict(one) for name, one in sorted(known.items())}
    for body in secrets.values():
        del body["fingerprint"]
    return {"version": _VERSION, "secrets": secrets}


def _from_json(document: dict[str, Any]) -> dict[str, ExposedSecret]:
    if document["version"] != _VERSION:
        raise ValueError
    return {str(name): _secret(str(name), body) for name, body in document["secrets"].items()}


_TYPES: Final = {one.name: one.type for one in fields(ExposedSecret)}


def _secret(fingerprint: str, body: dict[str, Any]) -> ExposedSecret:
    for name, value in body.items():
        kind: type = {"bool": bool, "int": int, "str": str}.get(str(_TYPES[name]), object)
        if not isinstance(value, kind):
            raise TypeError
    states = body["states"]
    texts = [*states, *states.values(), *(text for name in _TUPLES for text in body.get(name, ()))]
    words = {name: Revocation(*body[name]) if body.get(name) is not None else None for name in _WORDS}
    texts += [text for word in words.values() if word for text in word]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    for name in states:
        IncidentState(name)
    return ExposedSecret(
        fingerprint=fingerprint, **body | words | {name: tuple(body.get(name, ())) for name in _TUPLES}
    )
