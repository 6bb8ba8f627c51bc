"""The record that may be committed: which exposed secrets are dead, so that CI knows on a fresh clone.

    {"version": 1, "salt": "<hex>", "secrets": [{"digest": …, "rule_id": …, "paths": […], "rotated": …}]}

Digests are slow and salted (scrypt), and only secrets stand in it that open nothing any more. Who can
commit can write here what they like, as in a baseline: a change of it is to be reviewed as one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.findings import Finding
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue
from secopskit.state.private import replace_file
from secopskit.state.smallfiles import is_inside, read_small

FILE_NAME: Final = ".secops.incident.json"
_LIMIT: Final = 16 * 1024 * 1024
_MOST_SECRETS: Final = 20_000
_MOST_DIGESTS: Final = 2_000
_SALT_SIZE: Final = 16
_VERSION: Final = 1
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SALT: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_ADVICE: Final = "Restore it from git, or write it anew with `secops status --write-record`."


class DeadSecret(NamedTuple):
    """An exposed secret that opens nothing any more. `closed` is when nothing of it was left, or empty."""

    digest: str
    rule_id: str
    paths: tuple[str, ...]
    rotated: str
    by: str
    closed: str


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """The record in the file `path`."""

    path: Path
    salt: bytes
    secrets: tuple[DeadSecret, ...] = ()
    there: bool = False
    _digests: dict[SecretValue, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, path: Path, *, root: str) -> SharedRecord:
        """The record at `path` in the work tree `root`; an empty one where there is no file.

        Raises ConfigError for what is no such record, and for a link that leads out.
        """
        if not os.path.lexists(path):
            return cls(path, os.urandom(_SALT_SIZE))
        inside = root if is_inside(path.parent, root) else None
        try:
            document = json.loads(read_small(path, limit=_LIMIT, within=inside))
            return cls(path, *_parsed(document), there=True)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ConfigError(f"{path}: is not a record of an incident", advice=_ADVICE) from None

    def find(self, finding: Finding) -> DeadSecret | None:
        """What stands in it of this finding: by rule, a path, and the value's digest.

        A digest is computed only where rule and path are in the record, and once for each value.
        """
        if finding.secret is None:
            return None
        paths = {place.path for place in finding.locations}
        likely = [
            one for one in self.secrets if one.rule_id == finding.rule_id and not paths.isdisjoint(one.paths)
        ]
        digest = self.digest(finding.secret) if likely else None
        return next((one for one in likely if one.digest == digest), None)

    def digest(self, value: SecretValue) -> str | None:
        """The digest of a value; None when more were asked for than a record may cost."""
        if value not in self._digests:
            if len(self._digests) >= _MOST_DIGESTS:
                return None
            self._digests[value] = value.slow_digest(self.salt)
        return self._digests[value]

    def write(self, secrets: Iterable[DeadSecret]) -> bool:
        """Write the file with these in it, if that changes it; whether it did. Raises SecopsError."""
        by_digest = {one.digest: one for one in (*self.secrets, *secrets)}
        wanted = tuple(sorted(by_digest.values(), key=lambda one: (one.paths, one.rule_id, one.digest)))
        if wanted == self.secrets and self.there:
            return False
        document = {
            "version": _VERSION,
            "salt": self.salt.hex(),
            "secrets": [one._asdict() for one in wanted],
        }
        replace_file(self.path, json.dumps(document, indent=1).encode("ascii") + b"\n")
        return True


def _parsed(document: dict[str, Any]) -> tuple[bytes, tuple[DeadSecret, ...]]:
    """Salt and secrets. Raises ValueError, KeyError, TypeError for what is no such document."""
    if document["version"] != _VERSION or not _SALT.fullmatch(document["salt"]):
        raise ValueError
    if len(document["secrets"]) > _MOST_SECRETS:
        raise ValueError
    return bytes.fromhex(document["salt"]), tuple(map(_secret, document["secrets"]))


def _secret(body: dict[str, Any]) -> DeadSecret:
    secret = DeadSecret(**body | {"paths": tuple(body["paths"])})
    texts = (*secret[:2], *secret.paths, *secret[3:])
    if not all(isinstance(text, str) for text in texts) or not _DIGEST.fullmatch(secret.digest):
        raise ValueError
    return secret
