"""One value, one question, one answer: prepared first, so that it can be said where it goes, then asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from secopskit.errors import SecopsError
from secopskit.findings import VerificationState
from secopskit.rules.inquiry import Inquiry, Protocol
from secopskit.secret import SecretValue
from secopskit.verify.address import check_host
from secopskit.verify.answer import read_answer
from secopskit.verify.model import NOWHERE, IssuerAnswer, Surrounding, UnaskableError, VerifyRequest
from secopskit.verify.near import slots_of
from secopskit.verify.request import fill_in
from secopskit.verify.service import try_service
from secopskit.verify.service_url import service_url
from secopskit.verify.sts import KEY_ID, read_sts, sts_request
from secopskit.web.errors import WebError
from secopskit.web.pace import Pace
from secopskit.web.retry import Listener, Persistence, RetryPolicy
from secopskit.web.wire import Wire, WireAnswer

_BURST: Final = 3
_PER_SECOND: Final = 2.0
_READ_S: Final = 10.0
_WHOLE_S: Final = 20.0
_LARGEST: Final = 1024 * 1024
POLICY: Final = RetryPolicy(tries=2, first=1.0, patience=30.0)
_STS_PAIR: Final = Inquiry(
    name="pair", source="", near=((KEY_ID, r"(?<![A-Z0-9])((?:AKIA|ASIA)[A-Z0-9]{16})"),)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Whoever asks: how often, how patiently, and of whom.

    `admitted` are hosts in private networks that the user has named. `base_url` is a server of one's own
    that is asked in the vendor's place. Threads may share it; each host has a pace of its own.
    """

    tell: Listener
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    policy: RetryPolicy = POLICY
    admitted: Collection[str] = ()
    base_url: str = ""
    _paces: dict[str, Pace] = field(default_factory=dict)

    def prepare(
        self, inquiry: Inquiry, value: SecretValue, surrounding: Surrounding = NOWHERE
    ) -> PreparedQuestion:
        """The question about `value`. Raises UnaskableError where it cannot be asked."""
        if inquiry.protocol is Protocol.SERVICE_URL:
            url = service_url(value, surrounding)
            check_host(url.host, self.admitted)
            return PreparedQuestion(url.host, lambda: try_service(url, self.admitted))
        if inquiry.protocol is Protocol.AWS_STS:
            request = sts_request(slots_of(_STS_PAIR, value, surrounding).values, self.now())
            return PreparedQuestion(_host(request), lambda: self._asked(request, read_sts))
        slots, several = slots_of(inquiry, value, surrounding)
        request = fill_in(inquiry, slots, base_url=self.base_url)

        def read(answer: WireAnswer) -> IssuerAnswer:
            seen = read_answer(inquiry, answer, request.what, tuple(slots.values()))
            # A pair that was put together wrongly is refused as well.
            return seen.doubted("with the nearest of several that stand near by") if several else seen

        return PreparedQuestion(_host(request), lambda: self._asked(request, read))

    def _asked(self, request: VerifyRequest, read: Callable[[WireAnswer], IssuerAnswer]) -> IssuerAnswer:
        wire = Wire(request.base_url, read_timeout=_READ_S, whole_timeout=_WHOLE_S, largest=_LARGEST)
        persistence = Persistence(
            policy=self.policy,
            pace=self._paces.setdefault(wire.host, self._new_pace()),
            listener=self.tell,
            sleep=self.sleep,
            now=self.now,
        )
        answer = persistence.run(
            lambda: wire.exchange(request.method, request.url, request.headers, request.body),
            what=request.what,
            write=True,  # it takes a turn, though nothing is written
            again=True,
        )
        return read(answer)

    def _new_pace(self) -> Pace:
        return Pace(burst=_BURST, per_second=_PER_SECOND, sleep=self.sleep)


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """A question that can be asked: which `host` the value goes to."""

    host: str
    _send: Callable[[], IssuerAnswer]

    def __repr__(self) -> str:
        return f"PreparedQuestion({self.host})"

    def ask(self) -> IssuerAnswer:
        """What the issuer says. That it cannot be reached is an answer, too."""
        try:
            return self._send()
        except UnaskableError as error:
            return IssuerAnswer(VerificationState.UNKNOWN, str(error), answered=False)
        except SecopsError as error:
            status = error.status if isinstance(error, WebError) else 0
            return IssuerAnswer(
                VerificationState.UNKNOWN, str(error), answered=bool(status), silent=not status
            )


def _host(request: VerifyRequest) -> str:
    return urlsplit(request.base_url).netloc


def ask_once(inquiry: Inquiry, value: SecretValue, asker: Asker) -> IssuerAnswer:
    """Prepare and ask in one go, for a value that stands alone."""
    try:
        return asker.prepare(inquiry, value).ask()
    except UnaskableError as error:
        return IssuerAnswer(VerificationState.UNKNOWN, str(error), answered=False)
