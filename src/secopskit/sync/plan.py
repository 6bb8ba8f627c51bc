"""The plan of a sync: sources are read, sinks are listed, and each name is judged. Nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from secopskit.conduct.tell import Tell
from secopskit.errors import ConfigError, UsageError
from secopskit.sink.interface import Sink, SinkEntry, SinkSurroundings
from secopskit.state.published import PublishedName
from secopskit.sync.compare.judge import SyncEvidence, is_as_we_left_it, judge
from secopskit.sync.compare.limits import JournalState, limits_of
from secopskit.sync.compare.listing import ListedSink, list_sinks
from secopskit.sync.compare.records import KnownWrite, SyncRecords
from secopskit.sync.compare.room import require_room
from secopskit.sync.compare.targets import SinkKey, SyncTarget, by_sink, is_named, targets_of
from secopskit.sync.compare.values import SyncValues, read_values
from secopskit.sync.model import SyncItem, SyncPlan, SyncState, UnreachableSink
from secopskit.sync.request import SyncRequest
from secopskit.sync.write.journal import SyncJournal

_DECLARED: Final = (
    "The declaration says which names there are; --from, --to and --org take the place of its sources and "
    "sinks, and add none. Declare {name} under `sync.environments`, or name with --config a file that "
    "declares nothing: then what is in the file of --from is synced."
)
_UNDECLARED: Final = (
    "Nothing is declared here: only what is in the file of --from is synced, and {name} is not."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Background:
    """What a plan is made from."""

    request: SyncRequest
    records: SyncRecords
    values: SyncValues
    interrupted: frozenset[PublishedName]


def make_plan(
    request: SyncRequest,
    sinks: SinkSurroundings,
    tell: Tell,
    journal: SyncJournal | None,
    *,
    running: bool = False,
) -> SyncPlan:
    """The plan. `journal` is that of a run that did not end, or of one that is `running`.

    Raises ConfigError, UsageError; SecopsError where no sink can be looked at.
    """
    records = SyncRecords.load(request)
    declared = targets_of(request, sinks)
    targets = tuple(target for target in declared if target.wanted)
    values = read_values(targets, request, tell)
    targets = _settled(targets, values)
    _check_values(targets, values)
    wanted: dict[SinkKey, tuple[SyncTarget, ...]] = dict.fromkeys(_asked(request, declared), ())
    wanted |= by_sink(targets)
    first = {key: next(one for one in declared if one.key == key) for key in wanted}
    listed = list_sinks({key: (one.repository, one.sink) for key, one in first.items()}, tell)
    unreachable = _unreachable(first, listed)
    background = _Background(
        request=request,
        records=records,
        values=values,
        interrupted=frozenset(journal.open_entries if journal and not running else ()),
    )
    items = _items(background, declared, wanted, listed, first)
    _check_names(request, declared, items)
    require_room(items, listed)
    return SyncPlan(
        items=items,
        makes=_makes(items, listed, first),
        limits=limits_of(
            items,
            values,
            records,
            declared,
            request=request,
            journal=_state_of(journal, running=running),
        ),
        unreachable=unreachable,
        prune=request.prune,
        gone=frozenset(_gone(background, declared, listed)),
    )


# --- before anybody is asked ------------------------------------------------------------------


def _settled(targets: tuple[SyncTarget, ...], values: SyncValues) -> tuple[SyncTarget, ...]:
    """The targets, of those that are the same name in the same sink only one.

    Raises ConfigError where they would write different values.
    """
    kept: dict[tuple[SinkKey, str], SyncTarget] = {}
    for target in targets:
        other = kept.setdefault((target.key, target.name), target)
        if other is target:
            continue
        ours, theirs = values.found.get(target.value_key), values.found.get(other.value_key)
        if ours is not None and theirs is not None and ours.value != theirs.value:
            raise ConfigError(
                f"{target.name} in {target.sink.address} is declared with two values: by "
                f"{_named(other)} from {theirs.place} and by {_named(target)} from {ours.place}",
                advice="Give them different names or different sinks.",
            )
        if theirs is None and ours is not None:
            kept[target.key, target.name] = target
    return tuple(kept.values())


def _named(target: SyncTarget) -> str:
    return f"{target.environment or 'the command line'}/{target.declared.name}"


def _check_values(targets: Iterable[SyncTarget], values: SyncValues) -> None:
    """Raise ConfigError where a sink will not take a name or a value, before anything is sent anywhere."""
    problems = list[ConfigError]()
    for target in targets:
        found = values.found.get(target.value_key)
        if found is not None:
            try:
                target.sink.check(target.name, found.value)
            except ConfigError as error:
                problems.append(ConfigError(f"{found.place}: {error}", advice=error.advice))
    if problems:
        rest = f" (and {len(problems) - 1} more like it)" if len(problems) > 1 else ""
        raise ConfigError(f"{problems[0]}{rest}", advice=problems[0].advice)


def _asked(request: SyncRequest, declared: Iterable[SyncTarget]) -> Iterator[SinkKey]:
    """The sinks of the environments asked for: names that are not declared any more may be meant, too."""
    for target in declared:
        if not request.environments or target.environment in request.environments:
            yield target.key


def _state_of(journal: SyncJournal | None, *, running: bool) -> JournalState:
    if journal is None:
        return JournalState.NONE
    return JournalState.BEING_WRITTEN if running else JournalState.LEFT


def _gone(
    background: _Background, declared: tuple[SyncTarget, ...], listed: Mapping[SinkKey, ListedSink]
) -> Iterator[PublishedName]:
    """What a run that did not end was about, and what is declared nowhere any more and is not there."""
    request = background.request
    names, sinks = {(one.key, one.name) for one in declared}, {one.key for one in declared}
    for address, name in background.interrupted:
        if (address, name) in names or not is_named(request, name):
            continue
        found = listed.get(address)
        if address not in sinks:  # of an overridden one that says nothing
            away = request.as_declared
        else:
            away = found is not None and found.error is None and name not in found.entries
        if away:
            yield address, name


# --- the judgement ----------------------------------------------------------------------------


def _items(
    background: _Background,
    declared: tuple[SyncTarget, ...],
    wanted: Mapping[SinkKey, tuple[SyncTarget, ...]],
    listed: Mapping[SinkKey, ListedSink],
    first: Mapping[SinkKey, SyncTarget],
) -> tuple[SyncItem, ...]:
    names = {key: {one.name for one in ones} for key, ones in by_sink(declared).items()}
    items = list[SyncItem]()
    for key, targets in wanted.items():
        entries = listed[key].entries
        if listed[key].error is None:
            items += (_judged(background, target, entries.get(target.name)) for target in targets)
            items += (
                _unmanaged(background, first[key], entry)
                for name, entry in entries.items()
                if name not in names[key] and is_named(background.request, name)
            )
    return tuple(items)


def _judged(background: _Background, target: SyncTarget, entry: SinkEntry | None) -> SyncItem:
    values, records = background.values, background.records
    found = values.found.get(target.value_key)
    known = records.known(target.sink, target.name)
    verdict = judge(
        SyncEvidence(
            entry=entry,
            value=found.value if found else None,
            known=known,
            unavailable=values.unavailable.get(target.value_key, ""),
            looked=values.places.get(target.value_key, ""),
            value_rotated=records.rotated(found.value) if found else None,
            entry_rotated=records.rotated(entry.value) if entry and entry.value is not None else None,
            interrupted=(target.key, target.name) in background.interrupted,
        )
    )
    return SyncItem(
        environment=target.environment,
        sink=target.sink,
        name=target.declared.name,
        kind=target.sink.kind,
        state=verdict.state,
        repository=target.repository,
        reason=verdict.reason,
        place=found.place if found else "",
        value=found.value if found and verdict.writable else None,
        entry=entry,
        owned=known.owned if known else False,
    )


def _unmanaged(background: _Background, target: SyncTarget, entry: SinkEntry) -> SyncItem:
    owned, reason = _ownership(entry, background.records.known(target.sink, entry.name))
    return SyncItem(
        environment=target.environment,
        sink=target.sink,
        name=entry.name,
        kind=target.sink.kind,
        state=SyncState.UNMANAGED,
        repository=target.repository,
        reason=reason,
        entry=entry,
        owned=owned,
    )


def _ownership(entry: SinkEntry, known: KnownWrite | None) -> tuple[bool, str]:
    """Whether an entry that nobody declares is ours to remove, and a sentence about that."""
    if known is None:
        return False, "not declared, and no record here says that we wrote it"
    if not known.owned:
        return False, f"not declared here; written by {known.by}"
    if not is_as_we_left_it(entry, known):
        return False, "not declared any more; we wrote it, and somebody else has since"
    return True, "not declared any more; we wrote it"


def _makes(
    items: tuple[SyncItem, ...], listed: Mapping[SinkKey, ListedSink], first: Mapping[SinkKey, SyncTarget]
) -> tuple[Sink, ...]:
    """The sinks that are not there and get something."""
    filled = {item.sink.address for item in items if item.value is not None}
    return tuple(first[key].sink for key, sink in listed.items() if not sink.there and key in filled)


def _unreachable(
    first: Mapping[SinkKey, SyncTarget], listed: Mapping[SinkKey, ListedSink]
) -> tuple[UnreachableSink, ...]:
    """The sinks that nobody could look at. Raises what kept us from it if there are no others."""
    failed = {key: sink.error for key, sink in listed.items() if sink.error is not None}
    if failed and len(failed) == len(listed):
        raise next(iter(failed.values()))
    return tuple(
        UnreachableSink(address=first[key].sink.address, repository=first[key].repository, error=error)
        for key, error in failed.items()
    )


def _check_names(request: SyncRequest, declared: tuple[SyncTarget, ...], items: tuple[SyncItem, ...]) -> None:
    known = {target.declared.name.upper() for target in declared} | {item.name.upper() for item in items}
    file = request.config.file
    where, advice = (f" in {os.path.basename(file)}", _DECLARED) if file else ("", _UNDECLARED)
    for name in request.names:
        if name.upper() not in known:
            raise UsageError(
                f"{name} is neither declared{where} nor in a sink that is", advice=advice.format(name=name)
            )
