"""What the jobs of a GitHub workflow or a composite action set, run, use and start beside them, with offsets.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax has the grammar.
"""

from __future__ import annotations

from typing import Final

from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Mapping, Node, Scalar, Sequence, documents, merged_pairs
from secopskit.named_tuple import NamedTuple

_MOST_STEPS: Final = 500
_MOST_JOBS: Final = 500


class WorkflowPair(NamedTuple):
    """A name of an `env` with its value."""

    key: Scalar
    value: Scalar


class WorkflowStep(NamedTuple):
    """A step. `name` is its id, its name or its number, from 1."""

    name: str
    run: Scalar | None
    uses: Scalar | None
    env: tuple[WorkflowPair, ...]


class WorkflowContainer(NamedTuple):
    """A container beside a job, or the one it runs in (`container`)."""

    name: Scalar
    image: Scalar | None
    env: tuple[WorkflowPair, ...]
    ports: tuple[Scalar, ...]
    volumes: tuple[Scalar, ...]
    options: str


class WorkflowJobSteps(NamedTuple):
    """A job; `uses` is the workflow that it calls. `key` is None for an action, which is one job."""

    key: Scalar | None
    env: tuple[WorkflowPair, ...]
    steps: tuple[WorkflowStep, ...]
    services: tuple[WorkflowContainer, ...] = ()
    uses: Scalar | None = None


class WorkflowSteps(NamedTuple):
    """A workflow or an action; `env` is that of all jobs."""

    env: tuple[WorkflowPair, ...]
    jobs: tuple[WorkflowJobSteps, ...]


def workflow_steps(data: bytes) -> WorkflowSteps | None:
    """What a workflow or action does; None for what is neither, or no YAML."""
    roots = documents(data, expand=True)
    root = _pairs(roots[0] if roots else None)
    jobs = root.get("jobs")
    if isinstance(jobs, Mapping):
        each = merged_pairs(jobs)[:_MOST_JOBS]
        return WorkflowSteps(_env(root.get("env")), tuple(_job(key, node) for key, node in each))
    if isinstance(root.get("runs"), Mapping):
        steps = _steps(_pairs(root["runs"]).get("steps"))
        return WorkflowSteps((), (WorkflowJobSteps(None, (), steps),))
    return None


def _job(key: Scalar, node: Node) -> WorkflowJobSteps:
    pairs = _pairs(node)
    services = pairs.get("services")
    return WorkflowJobSteps(
        key=key,
        env=_env(pairs.get("env")),
        steps=_steps(pairs.get("steps")),
        services=tuple(
            _container(name, service)
            for name, service in (merged_pairs(services) if isinstance(services, Mapping) else ())
        ),
        uses=_scalar(pairs.get("uses")),
    )


def _steps(node: Node) -> tuple[WorkflowStep, ...]:
    items = node.items[:_MOST_STEPS] if isinstance(node, Sequence) else []
    return tuple(_step(number, item) for number, item in enumerate(items, start=1))


def _step(number: int, node: Node) -> WorkflowStep:
    pairs = _pairs(node)
    named = _scalar(pairs.get("id")) or _scalar(pairs.get("name"))
    return WorkflowStep(
        name=text_of(named) if named and named.value else str(number),
        run=_scalar(pairs.get("run")),
        uses=_scalar(pairs.get("uses")),
        env=_env(pairs.get("env")),
    )


def _container(name: Scalar, node: Node) -> WorkflowContainer:
    pairs = _pairs(node)
    options = _scalar(pairs.get("options"))
    return WorkflowContainer(
        name=name,
        image=node if isinstance(node, Scalar) else _scalar(pairs.get("image")),
        env=_env(pairs.get("env")),
        ports=_scalars(pairs.get("ports")),
        volumes=_scalars(pairs.get("volumes")),
        options=text_of(options) if options else "",
    )


def _env(node: Node) -> tuple[WorkflowPair, ...]:
    return tuple(
        WorkflowPair(key, value)
        for key, value in (merged_pairs(node) if isinstance(node, Mapping) else ())
        if isinstance(value, Scalar)
    )


def _pairs(node: Node) -> dict[str, Node]:
    return {text_of(key): value for key, value in merged_pairs(node)} if isinstance(node, Mapping) else {}


def _scalar(node: Node) -> Scalar | None:
    return node if isinstance(node, Scalar) else None


def _scalars(node: Node) -> tuple[Scalar, ...]:
    items = node.items if isinstance(node, Sequence) else []
    return tuple(item for item in items if isinstance(item, Scalar))
