"""Every YAML file: parsed once, then read as what its content is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure import compose, kubernetes, shell
from secopskit.detect.structure.environment import setting, text_of, variables
from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.lines import assignments, yaml_lines
from secopskit.detect.structure.setting import SettingPlace, Trust, place_for
from secopskit.detect.structure.yaml_tree import Mapping, Node, Scalar, Sequence, documents
from secopskit.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.detect.structure.setting import Setting
    from secopskit.findings import Blob, Match

RULE: Final = "yaml-secret"
WORKFLOW_RULE: Final = "workflow-secret"
_WORKFLOW: Final = re.compile(
    r"(?:^|/)\.(?:github|gitea|forgejo)/(?:workflows|actions)/|(?:^|/)\.gitlab-ci[\w.-]*$"
)
_SCRIPTS: Final = frozenset({"run", "script", "before_script", "after_script"})
# Texts for readers, schemas and translations: `password: Enter your password`.
_PROSE: Final = re.compile(
    r"(?i)(?:^|/)(?:locales?|i18n|lang|langs|languages|translations?|messages)/|openapi|swagger"
)
_NOT_SETTINGS: Final = frozenset(
    {"properties", "definitions", "parameters", "schemas", "translations", "inputs", "encryptedData", "sops"}
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
        yield from _document(root, blob.path)


def _document(root: Node, path: str) -> Iterator[Match]:
    if not isinstance(root, Mapping):
        yield from judge(_generic("", root), place_for(path, RULE, Trust.SETTINGS))
    elif compose.is_compose(root) or (
        root.get("services") is not None and "compose" in path.rpartition("/")[2].lower()
    ):
        yield from judge(compose.settings(root), place_for(path, compose.RULE, Trust.DEPLOYED))
    elif _WORKFLOW.search(path):
        yield from judge(_workflow(root), _PIPELINE)
    else:
        for part in _split_secrets(root):
            yield from judge(kubernetes.settings(part), place_for(path, kubernetes.RULE, Trust.DEPLOYED))
        yield from judge(_generic("", root), place_for(path, RULE, Trust.SETTINGS))


def _split_secrets(node: Node) -> Iterator[Mapping]:
    """The Secret manifests in a document, also those in a list of manifests."""
    if isinstance(node, Mapping):
        if kubernetes.is_secret(node):
            yield node
            return
        for _, value in node.pairs:
            yield from _split_secrets(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _split_secrets(item)


def _workflow(node: Node) -> Iterator[Setting]:
    """CI files: `env`, `with`, `services`, and the options in `run` scripts."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _workflow(item)
    if not isinstance(node, Mapping):
        return
    for key, value in node.pairs:
        inner = text_of(key)
        if inner in ("env", "with", "variables", "environment", "credentials"):
            yield from variables(value)
        if inner in _SCRIPTS:
            for line in value.items if isinstance(value, Sequence) else (value,):
                if isinstance(line, Scalar):
                    yield from shell.passed_on(line.raw, line.start)
        elif inner != "permissions":
            yield from _workflow(value)


def _generic(name: str, node: Node) -> Iterator[Setting]:
    """Settings of any other kind: every key with a scalar, and name/value pairs in lists."""
    if isinstance(node, Sequence):
        if name in ("env", "environment", "environmentVariables", "envVars"):
            yield from variables(node)
            return
        for item in node.items:
            yield from _generic(name, item)
    if not isinstance(node, Mapping) or kubernetes.is_secret(node):
        return
    for key, value in node.pairs:
        inner = text_of(key)
        if isinstance(value, Scalar):
            yield setting(key, value)
            if b"\n" in value.value:  # a file within the file, as in a ConfigMap
                yield from assignments(value.raw, value.start)
        elif inner not in _NOT_SETTINGS:
            yield from _generic(inner, value)
