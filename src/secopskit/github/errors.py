"""What GitHub refuses, as errors that say whose fault it is and what to do next."""

from __future__ import annotations

from secopskit.errors import SecopsError


class GitHubError(SecopsError):
    """GitHub did not do what was asked.

    `status` is the HTTP status, 0 where there was no answer, 429 for every limit (GitHub says 403, too).
    """

    def __init__(self, message: str, *, advice: str = "", status: int = 0) -> None:
        super().__init__(message, advice=advice)
        self.status = status


class GitHubNotFoundError(GitHubError):
    """404: it is not there, or the token may not see it; GitHub does not say which."""
