"""Endpoints: where the settings of a project point at."""

from __future__ import annotations

from secopskit.collect.facts import Endpoint, ProjectFacts


def endpoints(project: ProjectFacts) -> tuple[Endpoint, ...]:
    """The endpoints that settings name, in the order of their places."""
    return ()
