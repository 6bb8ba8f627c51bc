"""What goes wrong between us and a vendor's API, as errors that hold no value."""

from __future__ import annotations

from typing import Any

from secopskit.errors import SecopsError


class WebError(SecopsError):
    """A vendor did not do what was asked.

    `status` is the HTTP status, 0 where there was no answer, 429 for every limit. `body` is what it said,
    parsed where that is JSON: for callers that know its form, never for messages as it stands.
    """

    def __init__(self, message: str, *, advice: str = "", status: int = 0, body: Any = None) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.body = body


class LostError(WebError):
    """No answer: the connection failed, broke, or was too slow.

    `sent` tells whether the request may have reached the server, which then may have done it.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message, advice="See whether the host can be reached from here, and try again.")
        self.sent = sent
