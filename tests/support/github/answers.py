"""What the server answers: a status, a document, headers; and refusals, which are raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_DOCUMENTATION: Final = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `body` is a document, None for none; `raw` is sent as it is instead."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class Refused(Exception):  # noqa: N818 - not an error of the server, but its answer
    """The request is answered so. `violation` says what about it broke the contract, empty if nothing."""

    def __init__(self, answer: Answer, violation: str = "") -> None:
        super().__init__(f"{answer.status} {violation}")
        self.answer = answer
        self.violation = violation


def message(status: int, text: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    """An answer with GitHub's document of an error."""
    body = {"message": text, "documentation_url": _DOCUMENTATION, "status": str(status), **more}
    return Answer(status, body, headers or {})


def not_found() -> Refused:
    """It is not there, or the token may not see it: GitHub answers the same."""
    return Refused(message(404, "Not Found"))


def conflict(text: str) -> Refused:
    return Refused(message(409, text))


def unauthorised(text: str = "Bad credentials") -> Refused:
    return Refused(message(401, text))


def violated(text: str, status: int = 422) -> Refused:
    """The request breaks the contract."""
    return Refused(message(status, f"Validation Failed: {text}" if status == 422 else text), text)
