"""The plan of a hardening, made by reading only: what each step would change."""

from __future__ import annotations

from dataclasses import replace

from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.harden.model import FileEdit, HardenPlan, StepPlan
from secopskit.harden.project import HardenProject
from secopskit.harden.steps import MODULES, steps
from secopskit.harden.steps.interface import HardenStep


def make_plan(project: HardenProject) -> HardenPlan:
    """What the steps that are asked for would do. Raises UsageError for a step that there is not.

    A step that cannot be done here says why, and keeps no other one from its work.
    """
    request = project.request
    for name in sorted(request.only | request.skip):
        if name not in MODULES:
            raise UsageError(f"there is no step {name[:40]!r}", advice=f"Steps: {', '.join(MODULES)}.")
    return HardenPlan(steps=tuple(_planned(project, step) for step in steps() if request.means(step.name)))


def plan_again(project: HardenProject, name: str) -> StepPlan:
    """The plan of one step, made anew: what is known of the project has changed."""
    return next(_planned(project, step) for step in steps() if step.name == name)


def _planned(project: HardenProject, step: HardenStep) -> StepPlan:
    plan = StepPlan(name=step.name, title=step.title, why=step.why)
    try:
        proposal = step.propose(project)
        for change in proposal.changes:
            if isinstance(change, FileEdit):
                _require_addable(project, change)
    except SecopsError as error:
        return replace(plan, problem=f"{error}. {error.advice}".strip())
    return replace(plan, **proposal._asdict())


def _require_addable(project: HardenProject, edit: FileEdit) -> None:
    """Raise RefusedError where our text would take the place of somebody's, or be read otherwise."""
    project.files.require_writable(edit.path)
    if edit.before is None and edit.path in project.tracked:
        raise RefusedError(
            f"{edit.path}: is in git, but not on this disk",
            advice=f"Bring it back first (`git checkout -- {edit.path}`, or widen the sparse checkout).",
        )
    if edit.before is not None and b"\0" in edit.before:
        raise RefusedError(
            f"{edit.path}: is no plain text, it has NUL bytes (UTF-16?)", advice="Save it as UTF-8 first."
        )
