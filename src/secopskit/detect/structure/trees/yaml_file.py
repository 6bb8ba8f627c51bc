"""Every YAML file: parsed once, then read as what its content is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.mentions import in_template
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.detect.structure.trees.document import NOT_SETTINGS, in_documents, in_versions
from secopskit.findings import Severity
from secopskit.formats.lines import yaml_lines
from secopskit.formats.stacks import compose
from secopskit.formats.trees.yaml_tree import Mapping, Node, documents
from secopskit.formats.trees.yaml_versions import YamlVersions
from secopskit.formats.workflows import workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match
    from secopskit.formats.setting import Setting

_VERSIONS: Final = YamlVersions()
RULE: Final = "yaml-secret"
WORKFLOW_RULE: Final = "workflow-secret"
COMPOSE_RULE: Final = "compose-secret"
_NOT_SETTINGS: Final = NOT_SETTINGS | {"definitions", "schemas", "inputs"}
# What only refers to secrets by name.
_NAMES: Final = frozenset(
    {"secrets", "configs", "env_file", "image", "volumes", "depends_on", "networks", "ports", "profiles"}
)
# A database that lives as long as the job may have a weak password: nobody need read of it.
_PIPELINE: Final = SettingPlace(rule=WORKFLOW_RULE, trust=Trust.DEPLOYED, weak=Severity.INFO)
_SERVICE: Final = _PIPELINE._replace(human=Severity.INFO)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a YAML file."""
    return in_versions(_VERSIONS, partial(_matches, blob))


def _matches(blob: Blob, *, in_place: bool) -> Iterator[Match]:
    roots = _VERSIONS.documents(blob.path, blob.data, in_place=in_place)
    if roots is None and b"\t" in blob.data:  # indented by tabs, which the format forbids and people write
        roots = documents(blob.data.replace(b"\t", b" "))
    if roots is None:  # a template of YAML, or broken: line by line
        lines = in_template(yaml_lines(blob.data), blob.data)
        yield from judge(lines, place_for(blob.path, RULE, Trust.SETTINGS))
        return
    others = list[Node]()
    for root in roots:
        if isinstance(root, Mapping) and _is_compose(root, blob.path):
            place = place_for(blob.path, COMPOSE_RULE, Trust.DEPLOYED)
            yield from judge(compose.settings(root, without=_NAMES), place)
        elif isinstance(root, Mapping) and workflow.is_workflow(blob.path):
            yield from _workflow(tuple(workflow.settings(root)))
        else:
            others.append(root)
    yield from in_documents(others, blob, place_for(blob.path, RULE, Trust.SETTINGS), _NOT_SETTINGS)


def _workflow(settings: tuple[Setting, ...]) -> Iterator[Match]:
    """The matches in a pipeline; steps are given the passwords of its services, too."""
    of_services = {setting.value for setting in settings if _is_of_service(setting.path)}
    for setting in settings:
        yield from judge([setting], _SERVICE if setting.value in of_services else _PIPELINE)


def _is_of_service(path: tuple[str, ...]) -> bool:
    """Whether it is a variable of a service of a job; what its image is fetched with is not the service's."""
    return "services" in path and "credentials" not in path


def _is_compose(root: Mapping, path: str) -> bool:
    if compose.is_compose(root):
        return True
    return root.get("services") is not None and "compose" in path.rpartition("/")[2].lower()
