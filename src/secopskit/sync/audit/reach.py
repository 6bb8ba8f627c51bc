"""Which job looks up what, in which environment, with whose secrets: calls of workflows are followed.

A called workflow reads the secrets that its caller passes on, or with `secrets: inherit` all that the
caller sees; in a job with an environment that one's secrets come first
(https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows). Variables are the
caller's repository's in any case.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from secopskit.formats.workflows.context_uses import ContextUse, PlacedText
from secopskit.formats.workflows.expression import Lookup, possible_texts, possible_values
from secopskit.formats.workflows.workflow_uses import WorkflowJob, WorkflowSource
from secopskit.named_tuple import NamedTuple

_DEEPEST: Final = 10  # how deep GitHub lets workflows call each other
_MOST: Final = 5000  # calls followed
_Inputs = Mapping[str, "tuple[str, ...] | None"]


class ReachedUse(NamedTuple):
    """A look-up of a job.

    `names` are those that it may look up, in upper case; none where only the run knows, or where it is
    all of the context. `environments` are those that the job may have, "" for none; they are empty, and
    `computed` tells, where only the run knows. `passed` are the secrets that a called workflow gets from its
    caller, or requires, None where the job sees the repository's own. `abroad` is a workflow that only
    other repositories call. `tested` tells that its absence is reckoned with somewhere in the file,
    `shared` that it stands above all jobs.
    """

    path: str
    job: str
    use: ContextUse
    names: tuple[str, ...]
    environments: tuple[str, ...]
    computed: bool
    passed: frozenset[str] | None
    abroad: bool
    tested: bool
    shared: bool
    events: frozenset[str]
    condition: str


class WorkflowHandover(NamedTuple):
    """A call of a workflow in this repository, and which secrets go along (None: all)."""

    path: str
    target: PlacedText
    called: str
    passed: tuple[PlacedText, ...] | None


class Reach(NamedTuple):
    """All look-ups, calls of workflows here, and calls of workflows that are not to be seen from here.

    `environments` are the places where environments are named.
    """

    uses: tuple[ReachedUse, ...]
    handovers: tuple[WorkflowHandover, ...]
    remote: tuple[tuple[str, WorkflowJob], ...]
    environments: tuple[tuple[str, WorkflowJob, tuple[str, ...]], ...]
    abroad: tuple[str, ...]


class _Frame(NamedTuple):
    """How a workflow is run: with which inputs, whose secrets, on which events."""

    inputs: _Inputs
    passed: frozenset[str] | None
    events: frozenset[str]
    abroad: bool = False
    depth: int = 0
    condition: str = ""


def reach(workflows: Mapping[str, WorkflowSource]) -> Reach:
    """Follow the workflows from their triggers."""
    walk = _Walk(workflows)
    for path, file in workflows.items():
        if file.events != {"workflow_call"}:
            walk.run(path, _Frame(_dispatch_inputs(file), None, file.events))
    abroad = [path for path in workflows if path not in walk.seen]
    for path in abroad:
        walk.run(path, _Frame({}, None, frozenset(), abroad=True))
    return Reach(
        tuple(walk.uses),
        tuple(walk.handovers),
        tuple(walk.remote.values()),
        tuple(walk.environments),
        tuple(abroad),
    )


def _dispatch_inputs(file: WorkflowSource) -> dict[str, tuple[str, ...] | None]:
    """What the inputs of a workflow that starts by itself may be; empty texts where no person gives them."""
    found: dict[str, tuple[str, ...] | None] = {}
    others = ("",) if file.events - {"workflow_dispatch", "workflow_call"} else ()
    for one in file.inputs.get("workflow_dispatch", ()):
        found[one.name] = (*one.options, *others) if one.options else None
    for one in file.inputs.get("workflow_call", ()):
        found.setdefault(one.name, ("",))
    return found


@dataclass(slots=True)
class _Walk:
    workflows: Mapping[str, WorkflowSource]
    uses: dict[ReachedUse, None] = field(default_factory=dict)
    handovers: dict[WorkflowHandover, None] = field(default_factory=dict)
    remote: dict[tuple[str, str], tuple[str, WorkflowJob]] = field(default_factory=dict)
    environments: list[tuple[str, WorkflowJob, tuple[str, ...]]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    left: int = _MOST

    def run(self, path: str, frame: _Frame) -> None:
        """A run of a workflow, and of those that it calls."""
        self.left -= 1
        if self.left < 0 or frame.depth > _DEEPEST:
            return
        self.seen.add(path)
        file = self.workflows[path]
        tested = _tested(file)
        if frame.depth:  # of a call: what need not be passed on, need not be there
            tested |= {(False, one.name.upper()) for one in file.secrets if not one.required}
        for job in file.jobs:
            lookup = _lookup(job, frame.inputs)
            environments = self._environments(path, job, lookup, frame)
            uses = [(use, False) for use in job.uses]
            uses += [(use, True) for use in file.uses if job.call is None]
            for use, shared in uses:
                found = _reached(path, job, use, lookup, environments, frame)
                mentioned = any((use.variable, name) in tested for name in found.names)
                self.uses[found._replace(tested=use.tested or mentioned, shared=shared)] = None
            if job.call is not None:
                self._call(path, job, lookup, frame)

    def _environments(
        self, path: str, job: WorkflowJob, lookup: Lookup, frame: _Frame
    ) -> tuple[str, ...] | None:
        if job.environment is None:
            return ("",)
        names = possible_texts(job.environment.text, lookup)
        if names and not frame.abroad:
            self.environments.append((path, job, names))
        return names or None

    def _call(self, path: str, job: WorkflowJob, lookup: Lookup, frame: _Frame) -> None:
        assert job.call is not None  # noqa: S101 - for the type checker: it is what brought us here
        called = posixpath.normpath(job.call.target.text)
        file = self.workflows.get(called) if job.call.target.text.startswith("./") else None
        if file is None:
            self.remote[path, job.id] = (path, job)
            return
        # What is required and not passed on is the call's affair: see `calls.handed_over`.
        required = [one.name.upper() for one in file.secrets if one.required]
        names = frozenset([name.text.upper() for name in job.call.secrets] + required)
        self.handovers[
            WorkflowHandover(path, job.call.target, called, None if job.call.inherits else job.call.secrets)
        ] = None
        given = {name: possible_texts(text, lookup) for name, text in job.call.inputs.items()}
        inputs = {
            one.name: given.get(one.name, possible_texts(one.default, lookup))
            for one in file.inputs.get("workflow_call", ())
        }
        self.run(
            called,
            _Frame(
                inputs,
                frame.passed if job.call.inherits else names,
                frame.events,
                frame.abroad,
                frame.depth + 1,
                f"{frame.condition} {job.condition}",
            ),
        )


def _reached(
    path: str,
    job: WorkflowJob,
    use: ContextUse,
    lookup: Lookup,
    environments: tuple[str, ...] | None,
    frame: _Frame,
) -> ReachedUse:
    if use.name:
        names: tuple[str, ...] | None = (use.name,)
    else:
        names = possible_values(use.computed, lookup) if use.computed else None
    return ReachedUse(
        path=path,
        job=job.id,
        use=use,
        names=tuple(name.upper() for name in names or () if name),
        environments=environments or (),
        computed=environments is None,
        passed=None if use.variable else frame.passed,
        abroad=frame.abroad,
        tested=False,
        shared=False,
        events=frame.events,
        condition=f"{frame.condition} {job.condition}",
    )


def _tested(file: WorkflowSource) -> frozenset[tuple[bool, str]]:
    """The names whose absence some expression of the file reckons with."""
    return frozenset((use.variable, use.name.upper()) for use in _all_uses(file) if use.tested)


def _all_uses(file: WorkflowSource) -> Iterator[ContextUse]:
    yield from file.uses
    for job in file.jobs:
        yield from job.uses


def _lookup(job: WorkflowJob, inputs: _Inputs) -> Lookup:
    def lookup(context: str, name: str) -> tuple[str, ...] | None:
        if context == "github" and name.startswith("event.inputs."):
            context, name = "inputs", name.removeprefix("event.inputs.")
        if context == "matrix":
            return job.matrix.get(name) or None
        return inputs.get(name) if context == "inputs" else None

    return lookup
