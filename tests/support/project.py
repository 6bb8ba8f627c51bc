"""Projects made of a few texts, as `collect` reads them."""

from __future__ import annotations

from secopskit.collect.facts import ProjectFacts, Service, Stack
from secopskit.collect.gather import ProjectIndex, gather
from secopskit.findings import Blob


def project(files: dict[str, str], name: str = "shop") -> ProjectFacts:
    """The facts of a project with those files."""
    blobs = [Blob(path, text.encode()) for path, text in sorted(files.items())]
    return gather(blobs, ProjectIndex(name=name))


def only_stack(files: dict[str, str]) -> Stack:
    """The one stack of a project."""
    (stack,) = project(files).stacks
    return stack


def only_service(files: dict[str, str]) -> Service:
    """The one service of the one stack of a project."""
    (service,) = only_stack(files).services
    return service
