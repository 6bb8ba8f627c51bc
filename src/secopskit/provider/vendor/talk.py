"""A conversation with a vendor's HTTP API: one way to say what was refused, and by whose fault."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.provider.interface import Surroundings
from secopskit.secret import REDACTED, SecretValue
from secopskit.web.errors import WebError

if TYPE_CHECKING:
    from secopskit.web.vendor import VendorClient

_LONGEST: Final = 300
_REFUSED: Final = 400
_NOT_FOUND: Final = 404
_FIRST_WAIT_S: Final = 4.0  # some vendors say "too many" without saying for how long


class VendorRefusalError(SecopsError):
    """A vendor did not do what was asked. `status` is the HTTP status, 0 where there was no answer."""

    def __init__(self, message: str, *, advice: str = "", status: int = 0) -> None:
        super().__init__(message, advice=advice)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorTalk:
    """A conversation with `vendor` over `client`.

    `advice` has what to do next by status; `hidden` are values that no message may repeat, though the
    vendor quote them.
    """

    vendor: str
    client: VendorClient
    advice: Mapping[int, str] = field(default_factory=dict)
    hidden: Collection[SecretValue] = ()

    def ask(  # noqa: PLR0913 - each is an independent trait of a request
        self,
        method: str,
        path: str,
        *,
        doing: str,
        again: bool = True,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        missing: bool = False,
        expects: type | None = None,
    ) -> Any:
        """The body of the answer; with `missing`, None for 404.

        Raises VendorRefusalError, also where a body is none that `expects` describes; WebError where there
        was no answer.
        """
        accept = (_NOT_FOUND,) if missing else ()
        try:
            answer = self.client.call(method, path, query=query, body=body, again=again, accept=accept)
        except WebError as error:
            if error.status < _REFUSED:
                raise
            raise self._refusal(error, doing) from None  # what it says may be more than may be shown
        if answer.status == _NOT_FOUND:
            return None
        if expects is not None and not isinstance(answer.body, expects):
            raise self.misunderstood(doing)
        return answer.body

    def misunderstood(self, doing: str) -> VendorRefusalError:
        """The error that an answer is not of the form that the vendor publishes."""
        return VendorRefusalError(
            f"{self.vendor}: {doing}: the answer of {self.client.host} is not of the form that is published",
            advice="Is it the address of the API? Else the vendor has changed it: do this by hand.",
        )

    def _refusal(self, error: WebError, doing: str) -> VendorRefusalError:
        lacking = _lacking(error.body, self.hidden)
        advice = f"The token lacks: {lacking}." if lacking else self.advice.get(error.status, error.advice)
        said = _said(error.body, self.hidden)
        message = f"{self.vendor}: {doing}: HTTP {error.status}" + (f": {said}" if said else "")
        return VendorRefusalError(message, advice=advice, status=error.status)


def _lacking(body: Any, hidden: Collection[SecretValue]) -> str:
    """The permissions that the answer says are missing."""
    names = body.get("missing_permissions") if isinstance(body, dict) else None
    if not isinstance(names, list):
        return ""
    return _shown(", ".join(name for name in names if isinstance(name, str)), hidden)


def _said(body: Any, hidden: Collection[SecretValue]) -> str:
    """What the vendor says of the reason, without what must not be shown."""
    if not isinstance(body, dict):
        return ""
    said = body.get("message") or body.get("error") or body.get("id") or ""
    return _shown("; ".join(map(str, said)) if isinstance(said, list) else str(said), hidden)


def _shown(text: str, hidden: Collection[SecretValue]) -> str:
    for value in hidden:
        text = text.replace(value.reveal().decode("utf-8", "replace") or "\0", REDACTED)
    return printable(text)


def printable(text: str) -> str:
    """The beginning of a text from elsewhere, where nothing speaks to the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])


def open_client(base_url: str, surroundings: Surroundings, *, tries: int = 5, **more: Any) -> VendorClient:
    """A client of the API at `base_url`; `more` is for `VendorClient`: `token`, `headers`."""
    from secopskit.web.pace import Pace
    from secopskit.web.retry import RetryPolicy
    from secopskit.web.vendor import VendorClient

    sleep, now = surroundings.sleep, surroundings.now
    return VendorClient(
        base_url,
        tell=surroundings.tell,
        policy=RetryPolicy(tries=tries, first=_FIRST_WAIT_S),
        pace=Pace(per_second=None, sleep=sleep, now=now),
        sleep=sleep,
        now=now,
        **more,
    )


def status_of(client: VendorClient, path: str) -> int:
    """The status of a GET; 0 where there was no answer."""
    try:
        return client.call("GET", path).status
    except WebError as error:
        return error.status


def token_of(variable: str, surroundings: Surroundings, *, where: str) -> SecretValue:
    """The token in `variable`. Raises ConfigError; `where` says where tokens are made."""
    token = surroundings.variable(variable)
    if token is None or not len(token):
        raise ConfigError(f"{variable} is not set: it holds the token to rotate with", advice=where)
    return token
