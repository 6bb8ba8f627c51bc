"""Images without a version: what runs tomorrow is not what was tried today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.facts import ImageName, ProjectFacts
from secopskit.findings import Severity
from secopskit.lazy_regex import LazyRegex

_ID: Final = "unpinned-image"
_MOST_PLACES: Final = 4
_MOVING: Final = LazyRegex(
    r"(?i)(?:latest|stable|unstable|nightly|edge|main|master|rolling|next|canary)(?:[-_.][a-z]{1,20}){0,3}"
)
_EXPLANATION: Final = """
Without a tag, or with one that moves (`latest`, `stable`, `nightly`), a pull brings whatever was published
last. A database that jumps a major version does not start on its old files.

Wrong: `image: postgres`, `image: redis:latest`, `image: app:${TAG:-stable}`.

Right: `image: postgres:17`, or `postgres:17.6@sha256:…`.

No fault: an image that this project builds itself.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    built = {
        each.service.image.name for each in running(project) if each.service.build and each.service.image
    }
    same = defaultdict[tuple[str, ImageName], list[RunningService]](list)
    for each in running(project):
        image = each.service.image
        if image and each.service.build is None and image.name not in built and _is_open_ended(image):
            same[each.stack.files[0], image].append(each)
    yield from once(_mismatch(services, image) for (_, image), services in same.items())


def _is_open_ended(image: ImageName) -> bool:
    """Whether its tag moves with every release; what a variable decides is not known."""
    if image.computed or image.digest or not image.name:
        return False
    return not image.tag or _MOVING.fullmatch(image.tag) is not None


def _mismatch(services: list[RunningService], image: ImageName) -> Mismatch:
    """One line for all services of a stack, and of its overlays, that run the same image."""
    first = services[0]
    written = f"{image.name}:{image.tag}" if image.tag else image.name
    data = first.server is not None and bool(first.server.data)
    names = list(dict.fromkeys(each.service.name for each in services))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    who = f"Services {names[0]}{more} run" if more else f"Service {names[0]} runs"
    places = dict.fromkeys(each.service.image_place or each.place for each in services)
    return Mismatch(
        rule_id=_ID,
        subject=names[0],
        message=f"{who} {written}: which version, decides the day of the pull.",
        fix=f"Write the version that runs today: `{image.name}:<version>`.",
        evidence=tuple(shows(place, f"image {written}") for place in list(places)[:_MOST_PLACES]),
        stack=first.stack.name,
        severity=Severity.MEDIUM if data and not first.development else Severity.LOW,
        development=first.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="An image without a version",
    severity=Severity.LOW,
    judge=judge,
    explanation=_EXPLANATION,
    fold=Fold.STACK,
    reference="https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
    stage=FixStage.LAST,
)
