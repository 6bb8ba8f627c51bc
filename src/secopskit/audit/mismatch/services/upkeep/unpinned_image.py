"""Images without a version: what runs tomorrow is not what was tried today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.audit.mismatch.services.look.telling import once, shows
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.facts import ImageName, ProjectFacts
from secopskit.findings import Severity

_ID: Final = "unpinned-image"
_EXPLANATION: Final = """
Without a tag, or with `latest`, a pull brings whatever was published last. A database that jumps a major
version does not start on its old files.

Wrong: `image: postgres`, `image: redis:latest`, `image: app:${TAG:-latest}`.

Right: `image: postgres:17`, or `postgres:17.6@sha256:…`.

No fault: an image that this project builds itself.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    built = {
        each.service.image.name for each in running(project) if each.service.build and each.service.image
    }
    yield from once(
        _mismatch(each, each.service.image)
        for each in running(project)
        if each.service.image
        and each.service.build is None
        and each.service.image.name not in built
        and _is_open_ended(each.service.image)
    )


def _is_open_ended(image: ImageName) -> bool:
    return not image.computed and not image.digest and bool(image.name) and image.tag in ("", "latest")


def _mismatch(each: RunningService, image: ImageName) -> Mismatch:
    written = f"{image.name}:{image.tag}" if image.tag else image.name
    data = each.server is not None and bool(each.server.data)
    return Mismatch(
        rule_id=_ID,
        subject=each.service.name,
        message=f"Service {each.service.name} runs {written}: which version, decides the day of the pull.",
        fix=f"Write the version that runs today behind {image.name}:.",
        evidence=(shows(each.place, f"image {written}"),),
        stack=each.stack.name,
        severity=Severity.MEDIUM if data and not each.development else Severity.LOW,
        development=each.development,
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
