"""Who we are for GitHub: a token, or the installation of a GitHub App for each owner."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from secopskit.errors import ConfigError
from secopskit.github.errors import GitHubError
from secopskit.github.refusals import refusal
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue
from secopskit.web.vendor import header_text
from secopskit.web.wire import WireAnswer

if TYPE_CHECKING:
    from secopskit.github.conversation import Ask

_EARLY: Final = 120.0  # seconds before its end that an installation's token is renewed
_SHORTEST: Final = 30.0  # seconds that a token is used at least, whatever clocks say


class TokenAuthorization:
    """A personal token or a workflow's. Raises ConfigError where it cannot be one."""

    def __init__(self, token: SecretValue, source: str = "") -> None:
        self._header = f"Bearer {header_text(token)}"
        self.source = source

    def header(self, path: str, ask: Ask) -> str:
        """See `secopskit.github.conversation.Authorization`."""
        return self._header


class _Installed(NamedTuple):
    header: str
    renew_at: float


class AppAuthorization:
    """A GitHub App: signs with its private key, and asks for a token of the owner's installation.

    Tokens are kept for as long as they live, one for each owner; threads may share this. Names of the
    end points: https://docs.github.com/en/rest/apps/apps
    """

    source = "the GitHub App"

    def __init__(
        self, app_id: str, private_key: SecretValue, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        if not (app_id.isascii() and app_id.replace(".", "").isalnum()):
            raise ConfigError("the id of the GitHub App is no id", advice="It is a number, or a client id.")
        self._app_id = app_id
        self._private_key = private_key
        self._now = now
        self._lock = threading.Lock()
        self._installed: dict[str, _Installed] = {}

    def header(self, path: str, ask: Ask) -> str:
        """See `secopskit.github.conversation.Authorization`."""
        place = _place(path)
        owner = place.split("/")[2].lower()
        with self._lock:  # others wait, rather than ask for a token of their own
            known = self._installed.get(owner)
            if known is None or known.renew_at <= self._now():
                known = self._installed[owner] = self._install(place, ask)
            return known.header

    def _install(self, place: str, ask: Ask) -> _Installed:
        signed = f"Bearer {self._signed()}"
        what = f"GET {place}/installation"
        found = _document(ask("GET", f"{place}/installation", signed), what)
        number = found.get("id")
        if not isinstance(number, int):
            raise GitHubError(f"{what}: the answer names no installation")
        what = f"POST /app/installations/{number}/access_tokens"
        answer = ask("POST", f"/app/installations/{number}/access_tokens", signed)
        token = _document(answer, what).get("token")
        if not isinstance(token, str):
            raise GitHubError(f"{what}: the answer holds no token")
        life = max(_SHORTEST, _life(answer) - _EARLY)
        return _Installed(f"Bearer {header_text(SecretValue(token.encode()))}", self._now() + life)

    def _signed(self) -> str:
        from github import Auth

        try:
            return Auth.AppAuth(self._app_id, self._private_key.reveal().decode("ascii")).token
        except Exception:  # noqa: BLE001 - whatever it is, its text may quote the key
            raise ConfigError(
                "the private key of the GitHub App cannot be used",
                advice="It is a PEM file, with an RSA key.",
            ) from None


def _place(path: str) -> str:
    """`/repos/OWNER/NAME` or `/orgs/NAME` of a path: where the installation is asked for."""
    parts = urlsplit(path).path.split("/")
    if parts[1] == "repos" and len(parts) > 3:
        return "/".join(parts[:4])
    if parts[1] == "orgs" and len(parts) > 2:
        return "/".join(parts[:3])
    raise GitHubError(
        f"a GitHub App cannot use {parts[1] or path!r}",
        advice="What is a user's, and no organisation's, needs that user's own token.",
    )


def _document(answer: WireAnswer, what: str) -> dict[str, Any]:
    if not 200 <= answer.status < 300:
        raise refusal(answer, what)
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    return document if isinstance(document, dict) else {}


def _life(answer: WireAnswer) -> float:
    """The seconds from the server's now to the end of the token it gave; 0 where it does not say."""
    try:
        end = datetime.fromisoformat(json.loads(answer.body)["expires_at"])
        now = parsedate_to_datetime(answer.headers["date"])
        return (end - (now if now.tzinfo else now.replace(tzinfo=UTC))).total_seconds()
    except (ValueError, TypeError, KeyError):
        return 0.0
