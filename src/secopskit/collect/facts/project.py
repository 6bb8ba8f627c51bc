"""All facts of a project together, and the union of what a collector may find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from secopskit.collect.facts.endpoints import Endpoint
from secopskit.collect.facts.places import FileRole
from secopskit.collect.facts.programs import JobFacts, Manifest
from secopskit.collect.facts.services import DockerfileFacts, Stack, Upstream
from secopskit.collect.facts.variables import (
    DocumentedName,
    DynamicLookup,
    EnvironmentModule,
    LiveNames,
    MentionedNames,
    VariableSetting,
    VariableUse,
)
from secopskit.findings import Skipped
from secopskit.named_tuple import NamedTuple


class ComposeFile(NamedTuple):
    """A Compose file as it stands, to be merged: `document` is a `formats.trees.yaml_tree.Mapping`."""

    path: str
    data: bytes
    document: object
    role: FileRole = FileRole.PRODUCT


Fact: TypeAlias = (
    Skipped
    | VariableUse
    | VariableSetting
    | DynamicLookup
    | EnvironmentModule
    | DocumentedName
    | MentionedNames
    | ComposeFile
    | DockerfileFacts
    | Stack
    | Upstream
    | JobFacts
    | Manifest
    | Endpoint
    | Skipped
)
"""What a collector may yield; `Skipped` is a file that it wants and cannot parse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What is known about a project.

    `paths` are all files that were listed, read or not. `tracked` are those in git's index, `ignored` those
    of them that git is told to ignore. `skipped` was not read, `limits` say what was not looked at. `live`
    are the names that GitHub holds, None where it was not asked.
    """

    name: str
    paths: frozenset[str] = frozenset()
    tracked: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    uses: tuple[VariableUse, ...] = ()
    settings: tuple[VariableSetting, ...] = ()
    dynamic: tuple[DynamicLookup, ...] = ()
    documented: tuple[DocumentedName, ...] = ()
    stacks: tuple[Stack, ...] = ()
    dockerfiles: tuple[DockerfileFacts, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    jobs: tuple[JobFacts, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    mentions: tuple[MentionedNames, ...] = ()
    live: LiveNames | None = None
    skipped: tuple[Skipped, ...] = ()
    limits: tuple[str, ...] = field(default=())
