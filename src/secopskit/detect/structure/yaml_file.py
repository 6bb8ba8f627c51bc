"""Every YAML file: parsed once, then read as what its content is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.kubernetes import in_manifest
from secopskit.detect.structure.place import SettingPlace, Trust, place_for
from secopskit.findings import Severity
from secopskit.formats import yaml_file
from secopskit.formats.lines import yaml_lines
from secopskit.formats.stacks import compose, kubernetes
from secopskit.formats.workflows import workflow
from secopskit.formats.yaml_tree import Mapping, documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match
    from secopskit.formats.yaml_tree import Node

RULE: Final = "yaml-secret"
WORKFLOW_RULE: Final = "workflow-secret"
COMPOSE_RULE: Final = "compose-secret"
# Texts for readers, schemas and translations: `password: Enter your password`.
_PROSE: Final = re.compile(
    r"(?i)(?:^|/)(?:locales?|i18n|lang|langs|languages|translations?|messages)/|openapi|swagger"
)
_NOT_SETTINGS: Final = frozenset(
    {"properties", "definitions", "parameters", "schemas", "translations", "inputs", "encryptedData", "sops"}
)
# What only refers to secrets by name.
_NAMES: Final = frozenset(
    {"secrets", "configs", "env_file", "image", "volumes", "depends_on", "networks", "ports", "profiles"}
)
# A database that lives as long as the job may have a weak password.
_PIPELINE: Final = SettingPlace(rule=WORKFLOW_RULE, trust=Trust.DEPLOYED, weak=Severity.LOW)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a YAML file."""
    if _PROSE.search(blob.path):
        return
    roots = documents(blob.data)
    if roots is None:  # a template of YAML, or broken: line by line
        yield from judge(yaml_lines(blob.data), place_for(blob.path, RULE, Trust.SETTINGS))
        return
    for root in roots:
        yield from _document(root, blob)


def _document(root: Node, blob: Blob) -> Iterator[Match]:
    if isinstance(root, Mapping):
        if _is_compose(root, blob.path):
            place = place_for(blob.path, COMPOSE_RULE, Trust.DEPLOYED)
            yield from judge(compose.settings(root, without=_NAMES), place)
            return
        if workflow.is_workflow(blob.path):
            yield from judge(workflow.settings(root), _PIPELINE)
            return
        for manifest in kubernetes.secrets(root):
            yield from in_manifest(manifest, blob)
    found = yaml_file.settings(root, without=_NOT_SETTINGS, leave=kubernetes.is_secret)
    yield from judge(found, place_for(blob.path, RULE, Trust.SETTINGS))


def _is_compose(root: Mapping, path: str) -> bool:
    if compose.is_compose(root):
        return True
    return root.get("services") is not None and "compose" in path.rpartition("/")[2].lower()
