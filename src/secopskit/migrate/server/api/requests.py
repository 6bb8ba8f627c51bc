"""What a client may say: queries and JSON bodies, taken apart strictly. What is not known is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from secopskit.migrate.plan import PlanRange
from secopskit.migrate.server.api.problems import ProblemError, problem

VERSION: Final = r"^[0-9]{1,20}([.][0-9]{1,20}){0,4}$"
RECORDED_VERSION: Final = r"^[0-9A-Za-z._-]{1,100}$"
PLAN: Final = r"^[0-9a-f]{64}$"
KEY: Final = r"^[A-Za-z0-9_-]{8,128}$"
MOST_STEPS: Final = 20_000
MOST_ROWS: Final = 1000
LONGEST_NAME: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """A request to apply: the plan's hash, the range it was made for, the database's name."""

    plan: str
    range: PlanRange
    confirm: str | None = None


def read_query(pairs: Iterable[tuple[str, str]], known: Sequence[str]) -> dict[str, str]:
    """The parameters, each given once and known. Raises ProblemError."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            takes = f"It takes: {', '.join(known)}." if known else "It takes none."
            raise problem(422, "unprocessable", "there is no such query parameter", takes)
        if name in found:
            raise _wrong(name, "must be given once")
        found[name] = value
    return found


def range_of_query(query: Mapping[str, str]) -> PlanRange:
    """`to` and `steps` of a query. Raises ProblemError."""
    return PlanRange(to=_matching(query, "to", VERSION), steps=number(query, "steps", MOST_STEPS))


def number(query: Mapping[str, str], name: str, most: int) -> int | None:
    """A number from 1 to `most`."""
    text = query.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII) or int(text) > most:
        raise _wrong(name, f"must be a number from 1 to {most}")
    return int(text)


def recorded_version(query: Mapping[str, str]) -> str | None:
    """The version whose history is asked for."""
    return _matching(query, "version", RECORDED_VERSION)


def read_key(values: Sequence[str], *, needed: bool) -> str:
    """The Idempotency-Key. Raises ProblemError."""
    if not values and not needed:
        return ""
    if len(values) != 1 or not re.search(KEY, values[0]) or values[0].endswith("\n"):
        raise problem(
            400,
            "idempotency-key",
            "the header Idempotency-Key must be given once: 8 to 128 letters, digits, - or _",
            "Make a new one, such as a UUID, for everything you want done; repeat it to ask for it again.",
        )
    return values[0]


def read_json(media_type: str, body: bytes) -> dict[str, Any]:
    """The object that a body holds. Raises ProblemError."""
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise problem(415, "media-type", "the body must be application/json")
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except ProblemError:
        raise
    except (ValueError, RecursionError):
        raise problem(400, "bad-json", "the body is not JSON") from None
    if not isinstance(value, dict):
        raise problem(422, "unprocessable", "the body must be a JSON object")
    return value


def range_of_body(body: Mapping[str, Any], *, more: Sequence[str] = ()) -> PlanRange:
    """`to` and `steps` of a body that has nothing else (but `more`). Raises ProblemError."""
    known = ("to", "steps", *more)
    if not body.keys() <= set(known):
        raise problem(422, "unprocessable", "there is no such member", f"Known: {', '.join(known)}.")
    steps = body.get("steps")
    if "steps" in body and (type(steps) is not int or not 1 <= steps <= MOST_STEPS):
        raise _wrong("steps", f"must be a number from 1 to {MOST_STEPS}")
    return PlanRange(to=_matching(body, "to", VERSION), steps=steps)


def apply_of_body(body: Mapping[str, Any]) -> ApplyRequest:
    """The request to apply that a body spells. Raises ProblemError."""
    wanted = range_of_body(body, more=("plan", "confirm"))
    plan = _matching(body, "plan", PLAN)
    if plan is None:
        raise _wrong("plan", "must be the hash that GET /v1/plan tells")
    confirm = body.get("confirm")
    if "confirm" in body and (not isinstance(confirm, str) or not 0 < len(confirm) <= LONGEST_NAME):
        raise _wrong("confirm", "must be the name of the database")
    return ApplyRequest(plan=plan, range=wanted, confirm=confirm)


def _matching(given: Mapping[str, Any], name: str, pattern: str) -> str | None:
    if name not in given:
        return None
    value = given[name]
    if not isinstance(value, str) or value.endswith("\n") or not re.search(pattern, value, re.ASCII):
        raise _wrong(name, f"must match {pattern}")
    return value


def _wrong(name: str, what: str) -> ProblemError:
    return problem(422, "unprocessable", f"`{name}` {what}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise problem(400, "bad-json", "a member is given twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError
