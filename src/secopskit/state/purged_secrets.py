"""What a purge knew of each secret that it takes out: no scan could tell afterwards.

`<git dir>/secops/purged-secrets.json`, by keyed fingerprint. No value stands in it. It is written before
anything is changed, so that nothing is forgotten where the purge is cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.state.lock import held
from secopskit.state.private import private_directory, replace_whole
from secopskit.state.smallfiles import read_small

FILE_NAME: Final = "purged-secrets.json"
_LIMIT: Final = 64 * 1024 * 1024
_LOCK_SECONDS: Final = 10.0
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgedSecret:
    """A secret that a purge takes out, in words that are fit to be shown.

    `place` is where it stands first, `places` the number of places, `paths` the files. `rule_id` and
    `severity` are empty for a value that no scan has found, the commit and its date where none is known.
    """

    title: str
    place: str
    places: int = 1
    paths: tuple[str, ...] = ()
    rule_id: str = ""
    severity: str = ""
    first_commit: str = ""
    first_date: str = ""
    author: str = ""


def read_purged_secrets(directory: str) -> Mapping[str, PurgedSecret]:
    """All of them by fingerprint; `directory` is the repository's state directory.

    Raises ConfigError for what is no such record.
    """
    path = os.path.join(directory, FILE_NAME)
    if not os.path.lexists(path):
        return {}
    try:
        document = json.loads(read_small(path, limit=_LIMIT, within=os.path.dirname(directory)))
        return _from_json(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ConfigError(
            f"{path}: is not a record of purged secrets",
            advice="Move it away: what was purged before any look is then unknown, and nothing else is lost.",
        ) from None


def record_purged_secrets(directory: str, secrets: Mapping[str, PurgedSecret]) -> None:
    """Add these, by fingerprint; what is known of one already stays. Raises SecopsError."""
    path = os.path.join(directory, FILE_NAME)
    try:
        private_directory(directory)
        with held(
            directory,
            running="another command that records purged secrets",
            advice="Try again.",
            name=f"{FILE_NAME.removesuffix('.json')}.lock",
            wait=_LOCK_SECONDS,
        ):
            known = {**secrets, **read_purged_secrets(directory)}
            document = {"version": _VERSION, "secrets": {name: asdict(one) for name, one in known.items()}}
            replace_whole(path, json.dumps(document, indent=1).encode() + b"\n")
    except OSError as error:
        raise SecopsError(
            f"{path}: cannot be written: {error.strerror}", advice="Check the directory's mode."
        ) from None


def _from_json(document: dict[str, Any]) -> dict[str, PurgedSecret]:
    if document["version"] != _VERSION:
        raise ValueError
    return {str(name): _secret(body) for name, body in document["secrets"].items()}


def _secret(body: dict[str, Any]) -> PurgedSecret:
    paths, places = body.pop("paths"), body.pop("places")
    if not isinstance(places, int) or not all(isinstance(one, str) for one in (*paths, *body.values())):
        raise TypeError
    return PurgedSecret(paths=tuple(paths), places=places, **body)
