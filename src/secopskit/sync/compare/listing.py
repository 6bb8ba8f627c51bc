"""What sinks hold now: each is listed once."""

from __future__ import annotations

from collections.abc import Mapping

from secopskit.conduct.tell import Tell
from secopskit.errors import ConfigError, SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.progress import ProgressStage
from secopskit.sink.interface import Sink, SinkEntry
from secopskit.sync.compare.targets import SinkKey
from secopskit.sync.fanout import each_repository


class ListedSink(NamedTuple):
    """What a sink holds. `there` is false where the place is missing; `error` says why nobody knows."""

    entries: Mapping[str, SinkEntry]
    there: bool = True
    error: SecopsError | None = None


def list_sinks(sinks: Mapping[SinkKey, tuple[str, Sink]], tell: Tell) -> Mapping[SinkKey, ListedSink]:
    """List sinks, given with the repository that each belongs to. What fails is a value.

    Raises ConfigError where what a sink holds is damaged.
    """
    found: dict[SinkKey, ListedSink] = {}
    groups: dict[str, list[tuple[SinkKey, Sink]]] = {}
    for key, (repository, sink) in sinks.items():
        groups.setdefault(repository, []).append((key, sink))
    with tell.progress() as progress:
        progress.stage(ProgressStage.LISTING_SINKS, len(sinks))

        def look(job: tuple[SinkKey, Sink]) -> None:
            found[job[0]] = _listed(job[1])
            progress.advance(1)

        each_repository(groups, look)
    return {key: found[key] for key in sinks}


def _listed(sink: Sink) -> ListedSink:
    try:
        entries = sink.entries()
        return ListedSink(entries, there=bool(entries) or sink.exists())
    except ConfigError:
        raise
    except SecopsError as error:
        return ListedSink({}, error=error)
