"""Secrets and variables that a workflow looks up and GitHub does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import evidence
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import FactPlace, JobFacts, LiveNames, ProjectFacts
from secopskit.findings import Severity

_BUILT_IN: Final = frozenset({"GITHUB_TOKEN", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"})
_EXPLANATION: Final = """\
An unknown secret is an empty text in a workflow: nothing fails at once, and the step runs with an empty
password or against the wrong host.

Wrong: `${{ secrets.STAGING_DATABASE_URL }}` in a job, and no such secret in the repository or in the
environment that the job names.
Right: the secret is set where the job looks for it, or the job names its `environment`.

Only told when GitHub was asked. No fault: `GITHUB_TOKEN`, and names that GitHub has in a place that could
not be listed.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    if project.live is None:
        return
    seen = set[tuple[str, str]]()
    for job in project.jobs:
        if job.system != "github" or "${{" in job.environment:
            continue
        for name, place in (*job.secrets, *job.variables):
            if name.upper() in _BUILT_IN or (place.path, name) in seen:
                continue
            if not project.live.has(name, job.environment):
                seen.add((place.path, name))
                yield _mismatch(job, name, place, project.live)


def _mismatch(job: JobFacts, name: str, place: FactPlace, live: LiveNames) -> Mismatch:
    elsewhere = sorted(
        where for where, names in live.places if where and name.upper() in map(str.upper, names)
    )
    held = f"; it is in the environment {elsewhere[0]}, which the job does not name" if elsewhere else ""
    where = f"the environment {job.environment} or the repository" if job.environment else "the repository"
    return Mismatch(
        rule_id=RULE.id,
        subject=name,
        message=f"The job `{job.name}` looks up `{name}`, which is not in {where}{held}: it gets an "
        "empty text.",
        fix=f"Set `{name}` in GitHub, in {where}"
        + (f", or name the environment {elsewhere[0]} in the job." if elsewhere else "."),
        evidence=evidence([(place, f"looked up by the job {job.name}")]),
    )


RULE: Final = MismatchRule(
    id="workflow-name-not-in-github",
    title="Workflow that needs a name GitHub does not have",
    severity=Severity.HIGH,
    judge=_judge,
    explanation=_EXPLANATION,
    reference=""
    "https://docs.github.com/en/actions/security-for-github-actions/security-guides/using-secrets-in-github-actions",
    stage=FixStage.GIVE,
)
