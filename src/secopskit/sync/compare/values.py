"""The values of a sync: each source is read once, and what cannot be read is said and not guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secopskit.conduct.tell import Tell
from secopskit.errors import ConfigError, SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.origin import build_origin
from secopskit.origin.interface import OriginValue
from secopskit.secret import SecretValue
from secopskit.settings.declaration import OriginChoice
from secopskit.sync.compare.targets import SyncTarget
from secopskit.sync.request import SyncRequest

_GIVEN = "a new value"


class SyncValues(NamedTuple):
    """What sources have, by (environment, name).

    `places` says for each value that no source has where it was looked for; `unavailable` says for those
    whose source could not be read why that is.
    """

    found: dict[tuple[str, str], OriginValue]
    places: dict[tuple[str, str], str]
    unavailable: dict[tuple[str, str], str]


def read_values(targets: Iterable[SyncTarget], request: SyncRequest, tell: Tell) -> SyncValues:
    """Read what the targets need. Raises ConfigError for a source that is ambiguous or damaged.

    Of one that cannot be read the error is raised, unless the request is tolerant.
    """
    values = SyncValues({}, {}, {})
    wanted: dict[OriginChoice, dict[tuple[str, str], str]] = {}
    for target in targets:
        if (given := request.given.get(target.value_key)) is not None:
            values.found[target.value_key] = OriginValue(given, _GIVEN)
        elif target.declared.origin is None:
            values.unavailable[target.value_key] = "no source is declared"
        else:
            wanted.setdefault(target.declared.origin, {})[target.value_key] = target.declared.key
    for choice, keys in wanted.items():
        _read(choice, keys, request, tell, values)
    if request.config.line_ends == "lf":
        for key, found in values.found.items():
            values.found[key] = found._replace(value=_with_line_feeds(found.value))
    return values


def _read(
    choice: OriginChoice,
    keys: Mapping[tuple[str, str], str],
    request: SyncRequest,
    tell: Tell,
    into: SyncValues,
) -> None:
    origin = build_origin(choice, request.origins)
    tell.phase(f"read {origin.label}")
    try:
        values = origin.read(tuple(dict.fromkeys(keys.values())))
    except SecopsError as error:
        if isinstance(error, ConfigError) or not request.tolerant:
            raise
        into.unavailable.update(dict.fromkeys(keys, f"{error}"))
        return
    for value_key, key in keys.items():
        if key in values:
            into.found[value_key] = values[key]
        elif request.tolerant and origin.apart:
            into.unavailable[value_key] = f"nothing in {origin.label}"
        else:
            into.places[value_key] = f"{origin.label} has no {key}"


def _with_line_feeds(value: SecretValue) -> SecretValue:
    return SecretValue(value.reveal().replace(b"\r\n", b"\n"))
