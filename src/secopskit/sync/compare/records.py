"""What our records say of a name in a sink: that of this clone, and the one that may be committed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from secopskit.errors import ConfigError
from secopskit.secret import SecretValue
from secopskit.sink.interface import Sink
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.published import PublishedFact, PublishedName, PublishedRecord, PublishedValue
from secopskit.state.published_file import PublishedFile
from secopskit.state.rotations import read_rotations
from secopskit.sync.request import SyncRequest

_COMMAND_LINE: Final = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWrite:
    """What is on record of a name in a sink.

    `same` tells whether a value is the one that was written, None where the record cannot say. `owned`
    tells that this clone wrote it by the declaration at hand. `rotated` is when that value was rotated.
    `by` names the declaration.
    """

    at: datetime | None
    by: str
    owned: bool
    same: Callable[[SecretValue], bool | None]
    rotated: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRecords:
    """The records of a run, as they were when it began, and the pen that continues them."""

    declaration: str
    key: bytes
    rotations: Mapping[str, str]
    clone: PublishedRecord | None
    file: PublishedFile | None
    clone_facts: Mapping[PublishedName, PublishedFact]
    file_facts: Mapping[PublishedName, PublishedFact]

    @classmethod
    def load(cls, request: SyncRequest) -> Self:
        """Read the records. Raises ConfigError for a damaged one."""
        clone = PublishedRecord(request.state_dir) if request.state_dir else None
        file = _file(request)
        return cls(
            declaration=declaration_of(request),
            key=fingerprint_key(request.state_dir),
            rotations=read_rotations(request.state_dir) if request.state_dir else {},
            clone=clone,
            file=file,
            clone_facts=clone.read() if clone else {},
            file_facts=file.read() if file else {},
        )

    @property
    def kept(self) -> bool:
        """Whether anything is remembered at all."""
        return self.clone is not None or self.file is not None

    def known(self, sink: Sink, name: str) -> KnownWrite | None:
        """What is on record of a name (as the sink keeps it): the later of what the two records say."""
        clone = self.clone_facts.get((sink.address, name))
        committed = self.file_facts.get((sink.address, name))
        owned = clone is not None and clone.by == self.declaration
        if clone is not None and not _is_later(committed, clone):
            return KnownWrite(
                at=clone.at,
                by=clone.by,
                owned=owned,
                same=lambda value: value.fingerprint(self.key).text == clone.digest,
                rotated=self.rotated_digest(clone.digest),
            )
        if committed is None or self.file is None:
            return None
        file, shown = self.file, sink.readable  # of what is shown, the file keeps no digest
        return KnownWrite(
            at=committed.at,
            by=committed.by,
            owned=owned,
            same=lambda value: None if shown else file.same(committed, name, value),
        )

    def rotated(self, value: SecretValue) -> datetime | None:
        """When that value was rotated, if it was."""
        return self.rotated_digest(value.fingerprint(self.key).text)

    def rotated_digest(self, digest: str) -> datetime | None:
        """When the value with that fingerprint was rotated. A time that is none counts as long ago."""
        when = self.rotations.get(digest)
        return None if when is None else _moment(when)

    def put_down(
        self,
        written: Mapping[PublishedName, PublishedValue],
        removed: Iterable[PublishedName],
        *,
        readable: Iterable[PublishedName],
    ) -> None:
        """Add to both records what was written and removed. Raises SecopsError.

        The values of `readable` are shown by their sinks: the file that may be committed says nothing of
        them.
        """
        removed = tuple(removed)
        if self.clone is not None:
            self.clone.update(written, removed)
        if self.file is not None:
            self.file.update(written, removed, undigested=readable)


def declaration_of(request: SyncRequest) -> str:
    """What names the declaration in records: its file, or that there is none, and which source was named.

    What one source has brought somewhere is not to be pruned by a run with another.
    """
    file = request.config.file
    if file is None:
        return f"{_COMMAND_LINE} --from {request.source}" if request.source else _COMMAND_LINE
    return (
        os.path.relpath(file, request.root).replace(os.sep, "/") if request.root else os.path.basename(file)
    )


def _file(request: SyncRequest) -> PublishedFile | None:
    if not request.config.record:
        return None
    if request.root is None:
        raise ConfigError(
            "`sync.record` names a file to be committed, and this is no repository",
            advice="Run it in the repository, or take the setting out.",
        )
    return PublishedFile(
        os.path.join(request.root, request.config.record), request.root, lock_directory=request.state_dir
    )


def _is_later(one: PublishedFact | None, other: PublishedFact) -> bool:
    return one is not None and one.at is not None and other.at is not None and one.at > other.at


def _moment(text: str) -> datetime:
    from datetime import UTC

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
