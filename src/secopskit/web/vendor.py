"""Clients of vendors' APIs: JSON in, JSON out, the token in a header, one way to try again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue
from secopskit.web.errors import WebError
from secopskit.web.pace import Pace
from secopskit.web.pause import pause
from secopskit.web.retry import IDEMPOTENT, Listener, Persistence, RetryPolicy
from secopskit.web.wire import Wire, WireAnswer

_METHODS: Final = IDEMPOTENT | {"POST"}


class VendorAnswer(NamedTuple):
    """An answer. `body` is parsed JSON, None where there is none; names of `headers` are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]


class VendorClient:
    """A conversation with a vendor's API at `base_url`; threads may share it.

    The token stands in the header `token_header` after `token_prefix`; `headers` are sent besides, and
    may hold secrets like the token. Paths and queries may not: they stand in logs of servers.
    """

    def __init__(  # noqa: PLR0913 - each is an independent trait of a vendor
        self,
        base_url: str,
        *,
        tell: Listener,
        token: SecretValue | None = None,
        token_header: str = "Authorization",  # noqa: S107 - a header's name
        token_prefix: str = "Bearer ",  # noqa: S107 - a word
        headers: Mapping[str, SecretValue] | None = None,
        policy: RetryPolicy | None = None,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = pause,
        now: Callable[[], float] = time.time,
        read_timeout: float = 30.0,
    ) -> None:
        self._wire = Wire(base_url, read_timeout=read_timeout)
        self._headers = {name: header_text(value) for name, value in (headers or {}).items()}
        if token is not None:
            self._headers[token_header] = token_prefix + header_text(token)
        self._persistence = Persistence(
            policy=policy or RetryPolicy(),
            pace=pace or Pace(per_second=None, sleep=sleep),
            listener=tell,
            sleep=sleep,
            now=now,
        )

    @property
    def host(self) -> str:
        """The host's name, with the port where there is one."""
        return self._wire.host

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        again: bool | None = None,
        accept: Collection[int] = (),
    ) -> VendorAnswer:
        """Send `body` as JSON and give the answer: 2xx, or one of `accept`.

        `again` tells whether a request that may have arrived can be sent once more; without it that is
        so for all but POST. Raises WebError (with the status and what the body says; 401, 403, 404 and
        the rest of 3xx to 5xx), LostError where there was no answer at all.
        """
        if method not in _METHODS or not path.startswith("/"):
            raise ValueError(method)
        url = self._wire.base_url + path + ("?" + urlencode(query) if query else "")
        headers = {"Accept": "application/json", **self._headers}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        what = f"{method} {path} at {self.host}"
        answer = self._persistence.run(
            lambda: self._wire.exchange(method, url, headers, content),
            what=what,
            write=method not in ("GET", "HEAD"),
            again=method in IDEMPOTENT if again is None else again,
        )
        parsed = parse_body(answer, what)
        if 200 <= answer.status < 300 or answer.status in accept:
            return VendorAnswer(answer.status, parsed, answer.headers)
        raise _refused(answer, parsed, what)


def header_text(value: SecretValue) -> str:
    """A secret for a header. Raises ConfigError where it cannot stand in one (a line break, Unicode)."""
    raw = value.reveal()
    if not raw or not all(0x21 <= byte < 0x7F for byte in raw):
        raise ConfigError(
            "a token holds characters that no token has, or none at all",
            advice="Look for a space or a line break at its end.",
        )
    return raw.decode("ascii")


def parse_body(answer: WireAnswer, what: str) -> Any:
    """The JSON of an answer, None for an empty body and for errors that are no JSON. Raises WebError."""
    if not answer.body.strip():
        return None
    try:
        parsed = json.loads(answer.body)
        if b"\\ud" in answer.body.lower():
            json.dumps(parsed, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        if answer.status >= 300:
            return None
    else:
        return parsed
    raise WebError(
        f"{what}: the answer is no JSON", status=answer.status, advice="Is this the address of the API?"
    )


def _refused(answer: WireAnswer, parsed: Any, what: str) -> WebError:
    advice = {
        401: "The token is wrong, expired or revoked.",
        403: "The token lacks the permission for it.",
        404: "It is not there, or the token may not see it.",
    }.get(answer.status, "")
    if 300 <= answer.status < 400:
        advice = "Redirects are not followed, so that the token stays with this host. Correct the address."
    return WebError(f"{what}: HTTP {answer.status}", advice=advice, status=answer.status, body=parsed)
