"""Stacks: Compose files merged as `docker compose` does."""

from __future__ import annotations

from collections.abc import Sequence

from secopskit.collect.facts import ComposeFile, ProjectFacts, Stack


def stacks(files: Sequence[ComposeFile], project: ProjectFacts) -> tuple[Stack, ...]:
    """The stacks that the Compose files of a project make, in the order of their paths."""
    return ()
