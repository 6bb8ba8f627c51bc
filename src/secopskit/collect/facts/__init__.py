"""The nouns of a project: variables, services, stacks, images, endpoints. Values, and no judgement.

Paths are relative to the project's top, with `/`. Lines are 1-based.
"""

from __future__ import annotations

from secopskit.collect.facts.endpoints import (
    Endpoint,
    EndpointKind,
)
from secopskit.collect.facts.places import (
    FactPlace,
    FileRole,
)
from secopskit.collect.facts.programs import (
    JobCommand,
    JobFacts,
    Manifest,
)
from secopskit.collect.facts.project import (
    ComposeFile,
    Fact,
    ProjectFacts,
)
from secopskit.collect.facts.services import (
    DockerfileFacts,
    DockerfileStage,
    EnvFileUse,
    ImageName,
    MountedVolume,
    PublishedPort,
    SecretFile,
    Service,
    ServiceBuild,
    Stack,
    StackKind,
    Upstream,
)
from secopskit.collect.facts.variables import (
    DocumentedName,
    DynamicLookup,
    EnvironmentModule,
    LiveNames,
    MentionedNames,
    SettingKind,
    UseKind,
    VariableSetting,
    VariableUse,
)

__all__ = [
    "ComposeFile",
    "DockerfileFacts",
    "DockerfileStage",
    "DocumentedName",
    "DynamicLookup",
    "Endpoint",
    "EndpointKind",
    "EnvFileUse",
    "EnvironmentModule",
    "Fact",
    "FactPlace",
    "FileRole",
    "ImageName",
    "JobCommand",
    "JobFacts",
    "LiveNames",
    "Manifest",
    "MentionedNames",
    "MountedVolume",
    "ProjectFacts",
    "PublishedPort",
    "SecretFile",
    "Service",
    "ServiceBuild",
    "SettingKind",
    "Stack",
    "StackKind",
    "Upstream",
    "UseKind",
    "VariableSetting",
    "VariableUse",
]
