"""Answers of the API beyond what `render` has: refusals of a plan as problem documents. Pure."""

from __future__ import annotations

from secopskit.errors import SecopsError
from secopskit.migrate.guards import (
    ApplyDisabledError,
    BlockedPlanError,
    DatabaseNotConfirmedError,
    PlanChangedError,
)
from secopskit.migrate.server.api.problems import ProblemDocument, problem_of
from secopskit.migrate.tell.render import problem_data


def refusal_of(error: SecopsError) -> ProblemDocument:
    """What a refused plan is over HTTP; of any other error, what `problem_of` says."""
    match error:
        case BlockedPlanError(plan=plan):
            return ProblemDocument(
                status=409,
                code="blocked",
                detail="the plan has problems that must be solved first",
                advice="Each says how.",
                more={"problems": [problem_data(each) for each in plan.blocked]},
            )
        case PlanChangedError(plan=plan):
            return ProblemDocument(
                status=409,
                code="plan-changed",
                detail="this is not the plan that would be carried out now",
                advice="Files, database or state have changed, or it is applied already: "
                "look at GET /v1/plan.",
                more={"plan": plan.hash},
            )
        case ApplyDisabledError():
            return ProblemDocument(status=403, code="apply-disabled", detail=str(error), advice=error.advice)
        case DatabaseNotConfirmedError():
            return ProblemDocument(
                status=403, code="confirmation-needed", detail=str(error), advice=error.advice
            )
    return problem_of(error)
