"""The drain gate: before an old value ends, who may still use it is looked at, and waited for.

GitHub reads secrets of organisations and repositories when a run is queued, so a run that was created
before the new value was published has the old one, however long it waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from secopskit.errors import SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.provider.interface import NewValue, Provider
from secopskit.report.text import count, listed
from secopskit.rotate.request import RotationContext

_PAUSE: Final = 10.0  # seconds between two looks
_FEW: Final = 5
_SKEW: Final = timedelta(minutes=2)  # GitHub's clock and ours


class Usage(NamedTuple):
    """Who is seen to use the old value still, and what could not be looked at, in sentences."""

    busy: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def usage(
    context: RotationContext,
    repositories: Iterable[str],
    published: datetime | None,
    provider: Provider | None,
    new: NewValue | None,
) -> Usage:
    """Look at the workflow runs of the repositories that began before `published`, and at sessions."""
    busy, unknown = list[str](), list[str]()
    for repository in repositories:
        try:
            busy += _runs(context, repository, published)
        except SecopsError as error:
            unknown.append(f"Workflow runs of {repository} could not be looked at: {error}")
    if provider is not None and new is not None:
        try:
            busy += [sentence] if (sentence := provider.in_use(new)) else []
        except SecopsError as error:
            unknown.append(f"Who uses the old value could not be looked at: {error}")
    return Usage(tuple(busy), tuple(unknown))


def wait_until_idle(
    context: RotationContext,
    repositories: Iterable[str],
    published: datetime | None,
    provider: Provider,
    new: NewValue,
    *,
    timeout: float,
) -> Usage:
    """Look until nobody is seen to use the old value, for at most `timeout` seconds; the last look."""
    repositories = tuple(repositories)
    surroundings = context.standard
    until = surroundings.now() + timeout
    told = ""
    while True:
        seen = usage(context, repositories, published, provider, new)
        left = until - surroundings.now()
        if not seen.busy or left <= 0:
            return seen
        if (text := "; ".join(seen.busy)) != told:
            told = text
            context.tell.note(
                f"Waiting until the old value is not used any more ({left:,.0f} s left): {text}"
            )
        surroundings.sleep(min(_PAUSE, left))


def _runs(context: RotationContext, repository: str, published: datetime | None) -> list[str]:
    from secopskit.github.runs import active_runs  # only where a repository is concerned

    until = (published or datetime.now(UTC)) + _SKEW
    found = active_runs(context.sinks.github(), repository)
    runs = [run for run in found if run.created_at is None or run.created_at <= until]
    if not runs:
        return []
    names = listed([f"{run.name} ({run.status}, {run.url})" for run in runs], _FEW)
    return [f"{count(len(runs), 'workflow run')} of {repository} began before: {names}"]
