"""Doors: what answers at a published port of a service."""

from __future__ import annotations

from secopskit.audit.mismatch.services.look.images import DOCKER_PORT, server_of_port
from secopskit.audit.mismatch.services.look.servers import RunningService
from secopskit.audit.mismatch.services.look.surfaces import surface_of
from secopskit.collect.facts import PublishedPort


def what_answers(each: RunningService, port: PublishedPort) -> tuple[str, bool] | None:
    """What answers at the port and whether it is a console; None where it may be meant for everybody."""
    server, container = each.server, port.container
    if container == DOCKER_PORT:
        return "the Docker API", True
    if server is None:
        return _of_others(each, container)
    if server.admin:
        return server.label, True
    if container in server.consoles:
        return f"the console of {server.label}", True
    return (server.label, False) if container in (*server.ports, *each.service.exposed) else None


def _of_others(each: RunningService, container: int | None) -> tuple[str, bool] | None:
    """What of a program that is no server itself answers at a port."""
    surface = surface_of(each.image)
    if surface is not None and container in surface.consoles:
        return f"the console of {surface.label}", True
    if surface is not None and container in surface.ports:
        return surface.label, False
    known = server_of_port(container) if each.image is None else None
    return (known.label, False) if known else None
