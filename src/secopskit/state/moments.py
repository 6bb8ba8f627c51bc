"""A record of moments: when something became true of each value, by the value's fingerprint.

`<git dir>/secops/<file>` is `{"version": 1, "<name>": {"<fingerprint>": "<when>"}}`, fingerprints under the
repository's own key, times in ISO 8601. No value stands in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.state.lock import held
from secopskit.state.private import private_directory, replace_whole
from secopskit.state.smallfiles import read_small

_LIMIT: Final = 16 * 1024 * 1024
_LOCK_SECONDS: Final = 10.0
_VERSION: Final = 1


class MomentRecord(NamedTuple):
    """One such record: its file, the `name` that its moments stand under, and what messages say of it.

    `of` completes "is not a record of …", `writer` "another command that …"; `advice` helps where it is
    damaged. Of a value that is on record already the first moment stays, so that a step can be recorded
    twice; with `latest`, the last one does.
    """

    file: str
    name: str
    of: str
    writer: str
    advice: str
    latest: bool = False

    def read(self, directory: str) -> Mapping[str, str]:
        """The moments by fingerprint; `directory` is the repository's state directory.

        Empty where nothing is on record. Raises ConfigError for what is no such record.
        """
        path = os.path.join(directory, self.file)
        if not os.path.lexists(path):
            return {}
        try:
            document = json.loads(read_small(path, limit=_LIMIT, within=os.path.dirname(directory)))
            known = document[self.name] if document["version"] == _VERSION else None
        except (ValueError, KeyError, TypeError, RecursionError):
            known = None
        if not isinstance(known, dict) or not all(isinstance(when, str) for when in known.values()):
            raise ConfigError(f"{path}: is not a record of {self.of}", advice=self.advice)
        return known

    def add(self, directory: str, fingerprints: Iterable[str], when: datetime) -> None:
        """Add to the record that it became true at `when`, a time with its zone.

        Writers at the same time wait for each other. Raises SecopsError; ConfigError for a damaged record,
        which stays.
        """
        moment = when.astimezone(UTC).isoformat(timespec="seconds")
        path = os.path.join(directory, self.file)
        try:
            private_directory(directory)
            with held(
                directory,
                running=f"another command that {self.writer}",
                advice="Try again.",
                name=f"{self.file.removesuffix('.json')}.lock",
                wait=_LOCK_SECONDS,
            ):
                known, new = dict(self.read(directory)), dict.fromkeys(fingerprints, moment)
                moments = known | new if self.latest else new | known
                document = {"version": _VERSION, self.name: moments}
                replace_whole(path, json.dumps(document, indent=1).encode() + b"\n")
        except OSError as error:
            raise SecopsError(
                f"{path}: cannot be written: {error.strerror}", advice="Check the directory's mode."
            ) from None
