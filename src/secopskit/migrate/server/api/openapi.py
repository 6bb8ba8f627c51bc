"""The API's own description: OpenAPI 3.1, made from one table of operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from secopskit import __version__
from secopskit.migrate.server.api import schemas
from secopskit.migrate.server.api.problems import MEDIA_TYPE
from secopskit.migrate.server.api.schemas import Schema, ref
from secopskit.migrate.server.settings import Limits

PROBLEMS: Final = {
    400: "The request cannot be read or is incomplete, or its Idempotency-Key is missing.",
    401: "There is no valid bearer token.",
    403: "Applying is not enabled for this database, or the confirmation is missing.",
    404: "There is no such job.",
    408: "The body came too slowly.",
    409: "It cannot be done now: refused for safety, another plan, or another job is under way.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The request is understood, but not what it asks for.",
    429: "Too many calls, or too many wrong tokens. `Retry-After` says when to come again.",
    431: "The header fields are too many or too large.",
    500: "A bug in secops.",
    503: "The database cannot be reached, or the server is busy (too many connections are open, too many "
    "calls wait) or about to stop.",
}
_ALWAYS: Final = (400, 408, 413, 415, 422, 429, 431, 500, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `answers` maps a status to what it means and the name of its shape."""

    id: str
    method: str
    path: str
    summary: str
    answers: dict[int, tuple[str, str]]
    problems: tuple[int, ...] = (401, 409)
    parameters: tuple[Schema, ...] = ()
    body: str = ""
    public: bool = False


def _query(name: str, schema: Schema, text: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": text}


_TO: Final = _query("to", schemas.VERSION, "Only as far as this version.")
_STEPS: Final = _query("steps", schemas.STEPS, "Only the next files, this many.")
_JOB: Final[Schema] = {
    "name": "job",
    "in": "path",
    "required": True,
    "schema": schemas.JOB_ID,
    "description": "The job's id.",
}


def _key(*, required: bool) -> Schema:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "schema": schemas.KEY,
        "description": "The client's own name for this wish: asked for again, it is the same job.",
    }


_JOBS: Final = {
    202: ("Accepted: a new job. `Location` is where to watch it.", "Job"),
    200: ("The job that this Idempotency-Key stands for already.", "Job"),
}
OPERATIONS: Final = (
    Operation(
        id="liveness",
        method="get",
        path="/healthz",
        summary="Whether the process answers. Needs no token and tells nothing else.",
        answers={200: ("It does.", "Alive")},
        problems=(),
        public=True,
    ),
    Operation(
        id="openapi",
        method="get",
        path="/v1/openapi.json",
        summary="This document. Needs no token.",
        answers={200: ("The document.", "")},
        problems=(),
        public=True,
    ),
    Operation(
        id="health",
        method="get",
        path="/v1/health",
        summary="Whether the database can be reached and is the right one; who holds the migration lock.",
        answers={200: ("All is well.", "Health")},
    ),
    Operation(
        id="status",
        method="get",
        path="/v1/status",
        summary="What is applied, what is pending, what is wrong.",
        answers={200: ("The ledger, held against the files.", "Status")},
    ),
    Operation(
        id="plan",
        method="get",
        path="/v1/plan",
        summary="What an apply would do now, and the hash that names exactly that.",
        answers={200: ("The plan.", "Plan")},
        parameters=(_TO, _STEPS),
    ),
    Operation(
        id="history",
        method="get",
        path="/v1/history",
        summary="What was done and tried, the newest first; calls of this API as well.",
        answers={200: ("Rows of the history.", "History")},
        parameters=(
            _query("limit", schemas.ROWS, "How many rows at most."),
            _query("version", schemas.RECORDED, "Of this version only."),
        ),
    ),
    Operation(
        id="dry_run",
        method="post",
        path="/v1/dry-run",
        summary="Try the pending files on a shadow database, as a job.",
        answers=_JOBS,
        body="DryRunWish",
        parameters=(_key(required=False),),
    ),
    Operation(
        id="apply",
        method="post",
        path="/v1/apply",
        summary="Apply the plan with the given hash, and no other, as a job.",
        answers=_JOBS,
        problems=(401, 403, 409),
        body="ApplyWish",
        parameters=(_key(required=True),),
    ),
    Operation(
        id="jobs",
        method="get",
        path="/v1/jobs",
        summary="The jobs since the server was started, the newest first.",
        answers={200: ("The jobs.", "Jobs")},
        problems=(401,),
    ),
    Operation(
        id="job",
        method="get",
        path="/v1/jobs/{job}",
        summary="How far a job is, and what came of it.",
        answers={200: ("The job.", "Job")},
        problems=(401, 404),
        parameters=(_JOB,),
    ),
    Operation(
        id="cancel",
        method="post",
        path="/v1/jobs/{job}/cancel",
        summary="Cancel a job that is still in its countdown. One that runs is never broken off.",
        answers={200: ("It is cancelled.", "Job")},
        problems=(401, 404, 409),
        parameters=(_JOB,),
    ),
)


def document(limits: Limits) -> dict[str, Any]:
    """The OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "secops migrate",
            "version": __version__,
            "description": f"Migrations of one PostgreSQL database. A body may have {limits.body} bytes, a "
            f"client may make {limits.per_minute} calls a minute.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.SCHEMAS,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "INTERNAL_ADMIN_TOKEN"}
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": {
            **{str(status): _answer(*answer) for status, answer in operation.answers.items()},
            **{str(status): _problem(status) for status in sorted({*operation.problems, *_ALWAYS})},
        },
    }
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": ref(operation.body)}},
        }
    if operation.public:
        described["security"] = []
    return described


def _answer(text: str, shape: str) -> dict[str, Any]:
    schema: Schema = ref(shape) if shape else {"type": "object"}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _problem(status: int) -> dict[str, Any]:
    return {"description": PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}
