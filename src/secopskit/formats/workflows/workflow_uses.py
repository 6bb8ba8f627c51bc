"""What workflows, composite actions and dependabot.yml look up among secrets and variables, and where.

Facts only: which names exist, and which of them a job can see, is judged elsewhere. Where a context
can be used at all is that of
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from secopskit.formats.trees import yaml_tree
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Node, Scalar, Sequence
from secopskit.formats.workflows.context_uses import ContextUse, PlacedText, UseFinder
from secopskit.named_tuple import NamedTuple

# Of a job: what GitHub evaluates before the job has its environment, so without the environment's variables.
_BEFORE_THE_ENVIRONMENT: Final = frozenset(
    {"if", "runs-on", "strategy", "environment", "concurrency", "name", "with", "secrets"}
)
_WITHOUT_SECRETS: Final = _BEFORE_THE_ENVIRONMENT - {"secrets"} | {
    "timeout-minutes",
    "cancel-timeout-minutes",
    "continue-on-error",
    "defaults",
    "snapshot",
}
_WITH_SECRETS: Final = frozenset({"env", "credentials"})


class WorkflowCall(NamedTuple):
    """A job's call of a reusable workflow. `secrets` are the names that it passes on, `inputs` its `with`."""

    target: PlacedText
    inherits: bool
    secrets: tuple[PlacedText, ...]
    inputs: Mapping[str, str]


class WorkflowJob(NamedTuple):
    """A job.

    `environment` is the name as written, expressions and all. `matrix` has the values of each property
    that are written out, None for one that is computed. `actions` are the local actions of its steps.
    """

    id: str
    line: int
    uses: tuple[ContextUse, ...]
    environment: PlacedText | None
    matrix: Mapping[str, tuple[str, ...] | None]
    call: WorkflowCall | None
    actions: tuple[PlacedText, ...]
    condition: str


class WorkflowInput(NamedTuple):
    """An input of a workflow. `options` are the values of a choice, empty for other types."""

    name: str
    default: str
    options: tuple[str, ...]
    required: bool


class CalledSecret(NamedTuple):
    """A secret that a reusable workflow declares to be passed."""

    name: str
    line: int
    required: bool


class WorkflowSource(NamedTuple):
    """A workflow, or an action: then it is one job without a name.

    `uses` are those outside of jobs. `inputs` are by event: `workflow_call`, `workflow_dispatch`.
    """

    events: frozenset[str]
    uses: tuple[ContextUse, ...]
    jobs: tuple[WorkflowJob, ...]
    secrets: tuple[CalledSecret, ...] = ()
    inputs: Mapping[str, tuple[WorkflowInput, ...]] = MappingProxyType({})


def workflow(data: bytes) -> WorkflowSource | None:
    """The facts of a workflow; None for what is none, or no YAML."""
    root = _root(data)
    jobs = root.get("jobs") if root else None
    if root is None or not isinstance(jobs, yaml_tree.Mapping):
        return None
    look = UseFinder(data)
    triggers = root.get("on")
    calls = _below(triggers, "workflow_call")
    return WorkflowSource(
        events=frozenset(_names(triggers)),
        uses=tuple(_outside_of_jobs(look, root)),
        jobs=tuple(_job(look, key, job) for key, job in jobs.pairs if isinstance(job, yaml_tree.Mapping)),
        secrets=tuple(_called_secrets(look, _below(calls, "secrets"))),
        inputs={
            event: tuple(_inputs(_below(_below(triggers, event), "inputs")))
            for event in ("workflow_call", "workflow_dispatch")
        },
    )


def action(data: bytes) -> WorkflowSource | None:
    """The facts of an action (action.yml), in which GitHub offers neither secrets nor variables."""
    root = _root(data)
    runs = root.get("runs") if root else None
    if root is None or not isinstance(runs, yaml_tree.Mapping):
        return None
    look = UseFinder(data)
    uses = [
        use._replace(refused=True)
        for key, node in root.pairs
        if text_of(key) in ("runs", "inputs", "outputs")
        for use in look.uses(node, text_of(key))
    ]
    job = WorkflowJob("", 1, tuple(uses), None, {}, None, tuple(_local_actions(look, runs.get("steps"))), "")
    return WorkflowSource(frozenset(), (), (job,))


def dependabot(data: bytes) -> tuple[ContextUse, ...] | None:
    """The secrets that the registries of a dependabot.yml take, which are Dependabot's own.

    None where it cannot be read.
    """
    root = _root(data)
    return tuple(UseFinder(data).uses(root.get("registries"), "registries")) if root else None


def _root(data: bytes) -> yaml_tree.Mapping | None:
    roots = yaml_tree.documents(data, expand=True)
    root = roots[0] if roots else None
    return root if isinstance(root, yaml_tree.Mapping) else None


def _outside_of_jobs(look: UseFinder, root: yaml_tree.Mapping) -> Iterator[ContextUse]:
    for key, node in root.pairs:
        place = text_of(key)
        if place in ("jobs", "name"):
            continue
        for use in look.uses(node, place):
            yield use if place == "env" else use._replace(early=True, refused=not use.variable)


# --- jobs -------------------------------------------------------------------------------------


def _job(look: UseFinder, key: Scalar, job: yaml_tree.Mapping) -> WorkflowJob:
    environment = job.get("environment")
    if isinstance(environment, yaml_tree.Mapping):
        environment = environment.get("name")
    target = job.get("uses")
    condition = job.get("if")
    return WorkflowJob(
        id=text_of(key),
        line=look.line(key.start),
        uses=tuple(_uses_of_job(look, job)),
        environment=look.placed(environment) if isinstance(environment, Scalar) else None,
        matrix=_matrix(_below(job.get("strategy"), "matrix")),
        call=_call(look, target, job) if isinstance(target, Scalar) else None,
        actions=tuple(_local_actions(look, job.get("steps"))),
        condition=text_of(condition) if isinstance(condition, Scalar) else "",
    )


def _uses_of_job(look: UseFinder, job: yaml_tree.Mapping) -> Iterator[ContextUse]:
    for key, node in job.pairs:
        place = text_of(key)
        if place == "container":
            yield from _uses_of_container(look, node)
        elif place == "services":
            for _, service in node.pairs if isinstance(node, yaml_tree.Mapping) else ():
                yield from _uses_of_container(look, service)
        else:
            for use in look.uses(node, place):
                refused = use.refused or (place in _WITHOUT_SECRETS and not use.variable)
                yield use._replace(early=place in _BEFORE_THE_ENVIRONMENT, refused=refused)


def _uses_of_container(look: UseFinder, node: Node) -> Iterator[ContextUse]:
    """Only its `env` and `credentials` may look up secrets."""
    if isinstance(node, Scalar):
        node = yaml_tree.Mapping([(node, node)])
    for key, value in node.pairs if isinstance(node, yaml_tree.Mapping) else ():
        with_secrets = text_of(key) in _WITH_SECRETS
        for use in look.uses(value, text_of(key)):
            yield use if with_secrets or use.variable else use._replace(refused=True)


def _call(look: UseFinder, target: Scalar, job: yaml_tree.Mapping) -> WorkflowCall:
    secrets, inputs = job.get("secrets"), job.get("with")
    passed = secrets.pairs if isinstance(secrets, yaml_tree.Mapping) else ()
    given = inputs.pairs if isinstance(inputs, yaml_tree.Mapping) else ()
    return WorkflowCall(
        target=look.placed(target),
        inherits=isinstance(secrets, Scalar) and text_of(secrets) == "inherit",
        secrets=tuple(look.placed(key) for key, _ in passed),
        inputs={text_of(key).lower(): text_of(value) for key, value in given if isinstance(value, Scalar)},
    )


def _local_actions(look: UseFinder, steps: Node) -> Iterator[PlacedText]:
    for step in steps.items if isinstance(steps, Sequence) else ():
        target = _below(step, "uses")
        if isinstance(target, Scalar) and text_of(target).startswith("./"):
            yield look.placed(target)


def _matrix(node: Node) -> dict[str, tuple[str, ...] | None]:
    """The values of each property, those of `include` among them; exclusions only make them fewer."""
    if not isinstance(node, yaml_tree.Mapping):
        return {}
    found: dict[str, list[str] | None] = {}
    for key, value in node.pairs:
        if text_of(key) not in ("include", "exclude"):
            known = _texts(value)
            found[text_of(key).lower()] = None if known is None else list(known)
    extra = node.get("include")
    for item in extra.items if isinstance(extra, Sequence) else ():
        for key, value in item.pairs if isinstance(item, yaml_tree.Mapping) else ():
            name = text_of(key).lower()
            here, before = _texts(Sequence([value])), found.setdefault(name, [])
            if here is None or before is None:
                found[name] = None
            else:
                before += here
    if isinstance(extra, Scalar):
        return dict.fromkeys(found)
    return {name: None if values is None else tuple(values) for name, values in found.items()}


def _texts(node: Node) -> tuple[str, ...] | None:
    """The texts of a list without expressions."""
    if not isinstance(node, Sequence):
        return None
    texts = [text_of(item) for item in node.items if isinstance(item, Scalar)]
    known = len(texts) == len(node.items) and not any("${{" in text for text in texts)
    return tuple(texts) if known else None


# --- triggers ---------------------------------------------------------------------------------


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar):
        yield text_of(node)
    elif isinstance(node, Sequence):
        yield from (text_of(item) for item in node.items if isinstance(item, Scalar))
    elif isinstance(node, yaml_tree.Mapping):
        yield from (text_of(key) for key, _ in node.pairs)


def _below(node: Node, key: str) -> Node:
    return node.get(key) if isinstance(node, yaml_tree.Mapping) else None


def _called_secrets(look: UseFinder, node: Node) -> Iterator[CalledSecret]:
    for key, body in node.pairs if isinstance(node, yaml_tree.Mapping) else ():
        yield CalledSecret(text_of(key), look.line(key.start), _is_true(_below(body, "required")))


def _inputs(node: Node) -> Iterator[WorkflowInput]:
    for key, body in node.pairs if isinstance(node, yaml_tree.Mapping) else ():
        default = _below(body, "default")
        yield WorkflowInput(
            name=text_of(key).lower(),
            default=text_of(default) if isinstance(default, Scalar) else "",
            options=_texts(_below(body, "options")) or (),
            required=_is_true(_below(body, "required")),
        )


def _is_true(node: Node) -> bool:
    return isinstance(node, Scalar) and text_of(node).lower() == "true"
