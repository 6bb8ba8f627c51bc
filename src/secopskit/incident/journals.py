"""What the other commands have put down: rotations, publications, purges, proofs, pushes, guards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from secopskit.git.remotes import remotes
from secopskit.git.repository import Repository
from secopskit.hooks.status import HookState, hooks_status
from secopskit.incident.model import UnfinishedWork
from secopskit.incident.request import IncidentContext
from secopskit.purge.journal import PurgeNotebook
from secopskit.purge.push import guard, pending
from secopskit.purge.swap.backup import backups_there
from secopskit.report.text import visible
from secopskit.rotate.keep.journal import RotationNotebook, RotationRecord
from secopskit.rotate.model import RotationStep
from secopskit.state.notebook import LAST
from secopskit.state.published import PublishedFact, PublishedName, PublishedRecord
from secopskit.state.purged_secrets import PurgedSecret, read_purged_secrets
from secopskit.state.purges import PROOFS, PURGES
from secopskit.state.rotations import read_rotations
from secopskit.sync.write.journal import SyncNotebook


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFact:
    """A remote: where it is, what a host calls what, and what of the new history it still waits for."""

    name: str
    server: str
    path: str
    host: str
    request: str
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherJournals:
    """What is on record in this clone. Moments are by fingerprint.

    `rotated_by` has the finished rotation of a value, `published` the names under which each value was
    last written to a place. `backups` are those of purges that are still there: they hold the values.
    `purged` has what a purge knew of a secret, `stated` when one was carried out or begun for it, which is
    only done for what somebody has stated to be rotated.
    `declares` tells that such places are declared, `followed` that all of them are
    on record as written to. `returned` tells that objects exist again that a purge removed, `guarded` that
    something looks at each commit here: our hook, or one that is not ours to judge.
    """

    rotations: Mapping[str, str]
    purges: Mapping[str, str]
    proofs: Mapping[str, str]
    rotated_by: Mapping[str, RotationRecord] = field(default_factory=dict)
    published: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    purged: Mapping[str, PurgedSecret] = field(default_factory=dict)
    stated: Mapping[str, str] = field(default_factory=dict)
    unfinished: tuple[UnfinishedWork, ...] = ()
    remotes: tuple[RemoteFact, ...] = ()
    letters: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    declares: bool = False
    followed: bool = False
    returned: bool = False
    guarded: bool = False


def read_journals(context: IncidentContext) -> OtherJournals:
    """All of it. Raises SecopsError; ConfigError, IncompleteError for a damaged record or journal."""
    repository = context.repository
    state = repository.state_dir
    facts = PublishedRecord(state).read()
    places, purges = _declared_places(context), PURGES.read(state)
    return OtherJournals(
        rotations=read_rotations(state),
        purges=purges,
        proofs=PROOFS.read(state),
        rotated_by=_rotated_by(RotationNotebook.of(repository)),
        published=_published(facts),
        purged=read_purged_secrets(state),
        stated={**_being_purged(repository), **purges},
        declares=bool(places),
        followed=places <= Counter(name.upper() for _, name in facts),
        unfinished=tuple(_unfinished(context)),
        remotes=_remotes(context),
        letters=_letters(context),
        backups=backups_there(repository),
        returned=bool(guard.returned(repository)),
        guarded=_guarded(context),
    )


def _rotated_by(notebook: RotationNotebook) -> dict[str, RotationRecord]:
    """The finished rotations of the current journal and of the last one, by the values that they ended."""
    found = dict[str, RotationRecord]()
    for journal in (notebook.read(LAST), notebook.read()):
        for record in journal.records if journal else ():
            if record.step in {RotationStep.DONE, RotationStep.COVERED}:
                names = [record.fingerprint, *(one.fingerprint for one in record.findings)]
                found |= dict.fromkeys(filter(None, names), record)
    return found


def _declared_places(context: IncidentContext) -> Counter[str]:
    """How many places each declared name is published to, under the name that they keep it by."""
    found = Counter[str]()
    for environment in context.sync.environments:
        for value in environment.values:
            found[value.name.upper()] += len(value.sinks) * max(len(value.repositories), 1)
    return +found


def _published(facts: Mapping[PublishedName, PublishedFact]) -> dict[str, tuple[str, ...]]:
    """The places and names by the fingerprint of the value that they were given last."""
    found = dict[str, tuple[str, ...]]()
    for (address, name), fact in facts.items():
        if fact.digest:
            words = f"{visible(name)} in {visible(address)}"
            found[fact.digest] = (*found.get(fact.digest, ()), words)
    return found


def _unfinished(context: IncidentContext) -> Iterator[UnfinishedWork]:
    rotation = RotationNotebook.of(context.repository)
    if rotation.unfinished():
        yield UnfinishedWork("rotation", rotation.is_held(), "secops rotate apply --resume")
    sync = SyncNotebook.of(context.repository.state_dir)
    if sync.read() is not None:
        yield UnfinishedWork("sync", sync.is_held(), "secops sync-secrets --resume")
    purge = PurgeNotebook.of(context.repository)
    journal = purge.read()
    if journal is not None and not journal.step.harmless:
        yield UnfinishedWork("purge", purge.is_held(), "secops purge-history --resume")


def _being_purged(repository: Repository) -> dict[str, str]:
    """The values of a purge that has stopped half-way, and when it was begun."""
    journal = PurgeNotebook.of(repository).read()
    if journal is None or journal.step.harmless:
        return {}
    return dict.fromkeys(journal.fingerprints, journal.started)


def _remotes(context: IncidentContext) -> tuple[RemoteFact, ...]:
    waiting = pending.load(context.repository)
    return tuple(
        RemoteFact(
            name=visible(one.name),
            server=visible(one.server),
            path=visible(one.path),
            host=one.host.name,
            request=one.host.request,
            waiting=len(waiting.pushes.get(one.name, ())),
        )
        for one in remotes(context.repository)
    )


def _letters(context: IncidentContext) -> tuple[str, ...]:
    """The letters that a purge has written: to the host, and to everybody with a clone."""
    place = Path(guard.directory(context.repository))
    names = [*place.glob("ticket-*.txt"), *place.glob("collaborators.md")]
    return tuple(visible(str(name)) for name in sorted(names))


def _guarded(context: IncidentContext) -> bool:
    """Whether something looks at each commit here."""
    if not context.repository.work_tree:
        return True
    states = {one.hook: one.state for one in hooks_status(Path(context.repository.root))}
    return states.get("pre-commit") in {HookState.CURRENT, HookState.FOREIGN}
