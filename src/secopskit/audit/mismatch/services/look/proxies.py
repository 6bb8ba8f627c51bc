"""Proxies: which service reads a configuration that says where requests go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secopskit.audit.mismatch.services.look.servers import RunningService, running
from secopskit.collect.facts import ProjectFacts, Upstream


def read_upstreams(project: ProjectFacts) -> Iterator[tuple[Upstream, RunningService]]:
    """Where the proxies of a project pass requests to, each with the first service that reads its file."""
    services = tuple(running(project))
    readers = dict[str, RunningService | None]()
    for upstream in project.upstreams:
        if upstream.listens:
            continue
        path = upstream.place.path
        if path not in readers:
            readers[path] = _reader(services, path)
        if (reader := readers[path]) is not None:
            yield upstream, reader


def _reader(services: Iterable[RunningService], path: str) -> RunningService | None:
    """The service that mounts the file, or copies it into its image."""
    for each in services:
        sources = [
            volume.source.removeprefix("./") for volume in each.service.volumes if volume.source[:2] == "./"
        ]
        if any(
            source and (path == source or path.startswith(f"{source.rstrip('/')}/")) for source in sources
        ):
            return each
        directory = each.dockerfile.path.rpartition("/")[0] if each.dockerfile else ""
        if each.dockerfile and directory and path.startswith(f"{directory}/") and _copies(each, path):
            return each
    return None


def _copies(each: RunningService, path: str) -> bool:
    name = path.rpartition("/")[2]
    return each.dockerfile is not None and any(name in copied for copied in each.dockerfile.copies)
