"""The shapes of the API's documents, as JSON Schema. Members may be added; none is renamed."""

from __future__ import annotations

from typing import Any, Final

from secopskit.migrate.server.api import requests

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}
FLAG: Final[Schema] = {"type": "boolean"}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
HASH: Final[Schema] = {"type": "string", "pattern": requests.PLAN}
STEPS: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": requests.MOST_STEPS}
VERSION: Final[Schema] = {"type": "string", "pattern": requests.VERSION}
KEY: Final[Schema] = {"type": "string", "pattern": requests.KEY}
RECORDED: Final[Schema] = {"type": "string", "pattern": requests.RECORDED_VERSION}
ROWS: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": requests.MOST_ROWS, "default": 50}
JOB_ID: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
KIND: Final[Schema] = {"enum": ["dry-run", "apply"]}
STATE: Final[Schema] = {"enum": ["checking", "countdown", "running", "succeeded", "failed", "cancelled"]}


def ref(name: str) -> Schema:
    """A reference to a shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(members: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """An object that has all members but the optional ones, and may have more."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_JOB_SUMMARY: Final[dict[str, Schema]] = {
    "id": JOB_ID,
    "kind": KIND,
    "state": STATE,
    "plan": _or_null(HASH),
    "by": TEXT,
    "created_at": MOMENT,
    "ended_at": _or_null(MOMENT),
    "total": NUMBER,
    "done": NUMBER,
}
SCHEMAS: Final[dict[str, Schema]] = {
    "Alive": _object({"status": {"const": "ok"}}),
    "Target": _object({"id": TEXT, "environment": TEXT, "database": TEXT, "server_version": NUMBER}),
    "Health": _object(
        {
            "status": {"const": "ok"},
            "tool_version": TEXT,
            "target": ref("Target"),
            "lock": _or_null(
                _object({"application": TEXT, "since": _or_null(MOMENT), "seconds": {"type": "number"}})
            ),
            "job": _or_null(JOB_ID),
        }
    ),
    "PlanProblem": _object(
        {"kind": TEXT, "version": TEXT, "message": TEXT, "advice": TEXT, "blocking": FLAG}
    ),
    "Status": _object(
        {
            "version": NUMBER,
            "target": ref("Target"),
            "applied": NUMBER,
            "pending": NUMBER,
            "plan": HASH,
            "migrations": _list(ref("Migration")),
            "problems": _list(ref("PlanProblem")),
        }
    ),
    "Migration": _object(
        {
            "version": TEXT,
            "name": TEXT,
            "state": {
                "enum": [
                    "pending",
                    "applied",
                    "baseline",
                    "running",
                    "failed",
                    "edited",
                    "missing",
                    "renamed",
                ]
            },
            "applied_at": _or_null(MOMENT),
            "duration_ms": _or_null(NUMBER),
            "statements_done": _or_null(NUMBER),
            "statements_total": _or_null(NUMBER),
            "renamed_to": _or_null(TEXT),
        }
    ),
    "Plan": _object(
        {
            "version": NUMBER,
            "target": ref("Target"),
            "hash": HASH,
            "applied": NUMBER,
            "steps": _list(ref("Step")),
            "problems": _list(ref("PlanProblem")),
            "guarded": FLAG,
            "apply_enabled": FLAG,
        }
    ),
    "Step": _object(
        {
            "version": TEXT,
            "name": TEXT,
            "direction": {"enum": ["up", "down"]},
            "path": TEXT,
            "checksum": HASH,
            "statements": NUMBER,
            "transaction": FLAG,
            "resume_at": NUMBER,
        }
    ),
    "History": _object({"version": NUMBER, "target": ref("Target"), "history": _list(ref("Row"))}),
    "Row": _object(
        {
            "id": NUMBER,
            "run": TEXT,
            "version": _or_null(TEXT),
            "action": TEXT,
            "ok": FLAG,
            "at": MOMENT,
            "duration_ms": _or_null(NUMBER),
            "sqlstate": _or_null(TEXT),
            "message": TEXT,
            "plan": _or_null(TEXT),
            "actor": TEXT,
            "commit": TEXT,
            "tool": TEXT,
            "hash": HASH,
        }
    ),
    "DryRunWish": {
        **_object({"to": VERSION, "steps": STEPS}, optional=("to", "steps")),
        "additionalProperties": False,
    },
    "ApplyWish": {
        **_object(
            {
                "plan": HASH,
                "to": VERSION,
                "steps": STEPS,
                "confirm": {"type": "string", "minLength": 1, "maxLength": requests.LONGEST_NAME},
            },
            optional=("to", "steps", "confirm"),
        ),
        "additionalProperties": False,
    },
    "JobSummary": _object(_JOB_SUMMARY),
    "Jobs": _object({"jobs": _list(ref("JobSummary"))}),
    "Job": _object(
        {
            **_JOB_SUMMARY,
            "started_at": _or_null(MOMENT),
            "current": _or_null(TEXT),
            "waiting": _or_null(TEXT),
            "events": _list(ref("JobEvent")),
            "result": _or_null({"type": "object"}),
            "error": _or_null(ref("Problem")),
        }
    ),
    "JobEvent": _object(
        {
            "at": MOMENT,
            "what": {"enum": ["started", "statement", "done", "waiting", "note", "server"]},
            "version": _or_null(TEXT),
            "message": TEXT,
        }
    ),
    "Problem": _object(
        {
            "type": TEXT,
            "title": TEXT,
            "status": NUMBER,
            "code": TEXT,
            "detail": TEXT,
            "advice": TEXT,
            "request": TEXT,
            "plan": HASH,
            "problems": _list(ref("PlanProblem")),
        },
        optional=("request", "plan", "problems"),
    ),
}
