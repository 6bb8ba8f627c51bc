"""What a call can be answered with when it fails: problem documents (RFC 9457) without any secret.

What our own errors say was written to be shown. Of any other exception nothing is told but that it
happened: its text may hold anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from secopskit.errors import ExitCode, SecopsError

MEDIA_TYPE: Final = "application/problem+json"
_BY_EXIT_CODE: Final = {
    ExitCode.USAGE: (422, "unprocessable"),
    ExitCode.REFUSED: (409, "refused"),
    ExitCode.INCOMPLETE: (409, "half-done"),
    ExitCode.OPERATION: (503, "database"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDocument:
    """Why a call failed. `code` is a stable name; `more` are further members of the document."""

    status: int
    code: str
    detail: str
    advice: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The document."""
        return {
            "type": f"urn:secops:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "advice": self.advice,
            **self.more,
        }


class ProblemError(Exception):
    """Ends a call with a problem."""

    def __init__(self, problem: ProblemDocument) -> None:
        super().__init__(problem.code)
        self.problem = problem


def problem(status: int, code: str, detail: str, advice: str = "", **headers: str) -> ProblemError:
    """The error to raise; `headers` with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ProblemError(
        ProblemDocument(status=status, code=code, detail=detail, advice=advice, headers=named)
    )


def problem_of(error: SecopsError) -> ProblemDocument:
    """What one of our own errors is over HTTP."""
    status, code = _BY_EXIT_CODE.get(error.exit_code, (503, "database"))
    headers = {"retry-after": "5"} if status == 503 else {}
    return ProblemDocument(status=status, code=code, detail=str(error), advice=error.advice, headers=headers)


BUG: Final = ProblemDocument(
    status=500, code="bug", detail="this is a bug in secops", advice="The server's log names the place."
)
