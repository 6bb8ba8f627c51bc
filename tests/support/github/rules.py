"""Whether a request keeps to the contract: headers, query and body, as the operation says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl

from support.github.answers import Refused, message, violated
from support.github.operations import Operation, QueryRule
from support.github.shapes import object_problems

VERSIONS: Final = ("2022-11-28", "2026-03-10")
_ACCEPTED: Final = "application/vnd.github+json"
_BODY_LIMIT: Final = 128 * 1024


def check_headers(headers: Message, *, strict: bool) -> None:
    """Refuse a request without what GitHub demands of all, and, if `strict`, what it recommends.

    https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
    """
    if not headers.get("User-Agent"):
        raise Refused(message(403, "Request forbidden by administrative rules."), "User-Agent is missing")
    if not strict:
        return
    accept = [each.partition(";")[0].strip() for each in headers.get("Accept", "").split(",")]
    if _ACCEPTED not in accept:
        raise violated(f"Accept is not {_ACCEPTED}", 400)
    if headers.get("X-GitHub-Api-Version") not in VERSIONS:
        raise violated("X-GitHub-Api-Version is missing or not one that is there", 400)


def read_query(operation: Operation, text: str) -> dict[str, str]:
    """The query's parameters. Refuses what is unknown, twice there, or out of bounds."""
    pairs = parse_qsl(text, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs):
        raise violated("a query parameter is there twice")
    for name, value in query.items():
        rule = operation.query.get(name)
        if rule is None:
            raise violated(f"the query parameter {name} is unknown")
        for problem in _query_problems(name, value, rule):
            raise violated(problem)
    return query


def _query_problems(name: str, value: str, rule: QueryRule) -> Iterator[str]:
    if rule.most and not (value.isdecimal() and 1 <= int(value) <= rule.most):
        yield f"the query parameter {name} is not from 1 to {rule.most}"
    if rule.enum and value not in rule.enum:
        yield f"the query parameter {name} is none of {', '.join(rule.enum)}"


def read_body(operation: Operation, headers: Message, data: bytes) -> dict[str, Any] | None:
    """The body's properties, None where there is none. Refuses what the operation does not take."""
    rule = operation.body
    if rule is None:
        if data:
            raise violated("the operation takes no body", 400)
        return None
    if not data:
        if rule.optional:
            return None
        raise violated("the body is missing", 400)
    if len(data) > _BODY_LIMIT:
        raise violated("the body is too large", 413)
    if headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise violated("Content-Type is not application/json", 415)
    body = _object(data)
    problems = sorted(object_problems(body, rule.properties, rule.required))
    if problems:
        raise violated("; ".join(problems))
    return body


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data, object_pairs_hook=_unique)
    except ValueError:
        raise violated("Problems parsing JSON", 400) from None
    if not isinstance(body, dict):
        raise violated("Body should be a JSON object", 400)
    return body


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a property is there twice")
    return dict(pairs)
