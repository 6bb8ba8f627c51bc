"""What is tried again, when, and for how long: one policy for GitHub and for all vendors.

- A limit (429; 403 that says it is one) is waited out as the host says: `Retry-After` in seconds or as a
  date, or the moment in `x-ratelimit-reset` (or `ratelimit-reset`, as DigitalOcean writes it); without
  either, longer from time to time. The request was refused, so whatever it was it may be sent again. All
  threads wait.
- A fault (500, 502, 503, 504, no answer) is tried a few times, at growing and random distances; but
  something that must not be done twice only where the request cannot have arrived.
- Every other answer is an answer. 403 without a sign of a limit is a missing permission.

GitHub's part: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final, Protocol

from secopskit.named_tuple import NamedTuple
from secopskit.web.errors import LostError, WebError
from secopskit.web.pace import Pace
from secopskit.web.pause import pause
from secopskit.web.wire import WireAnswer

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
"""Methods that may be sent again whatever became of the first. PATCH too: ours set values, none adds."""
_PREFIXES: Final = ("x-", "")
_FAULTS: Final = frozenset({500, 502, 503, 504})
_LIMITS: Final = frozenset({403, 429})
_SECONDARY: Final = b"secondary rate limit"
_ABUSE: Final = b"abuse detection"
_WORTH_A_NOTE: Final = 3.0  # seconds
_WHEN_IT_IS_OVER: Final = "Go on when the limit is over: what was done is done."
_random: Final = random.SystemRandom()


class Listener(Protocol):
    """Whoever shows that we wait."""

    def note(self, text: str) -> None:
        """See `secopskit.conduct.tell.Tell`."""


class Delay(NamedTuple):
    """How long to wait before the next try, in seconds, and why. `everybody`: it is a limit of us all."""

    seconds: float
    reason: str
    everybody: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long to go on. All times are in seconds.

    `tries` counts those of a request that meets faults. `first` is the first distance, which doubles up
    to `longest`. `secondary` is waited for a limit that the host names without saying how long. The
    waits of one request are no longer than `patience` together.
    """

    tries: int = 6
    first: float = 1.0
    longest: float = 60.0
    secondary: float = 60.0
    patience: float = 900.0

    def judge(self, answer: WireAnswer, attempt: int, now: float) -> Delay | None:
        """What to wait for after the answer to the `attempt`-th try (from 1); None if it is final.

        `now` is the time since the epoch, for hosts that do not tell theirs.
        """
        if answer.status in _FAULTS:
            told = _retry_after(answer.headers, now)
            grown = self._grown(attempt)
            return Delay(max(told or 0.0, grown), f"HTTP {answer.status}", everybody=told is not None)
        if answer.status in _LIMITS:
            seconds = self._limit(answer, attempt, now)
            return None if seconds is None else Delay(seconds, "its rate limit", everybody=True)
        return None

    def lost(self, attempt: int) -> Delay:
        """What to wait for after a try without an answer."""
        return Delay(self._grown(attempt), "no answer", everybody=False)

    def _limit(self, answer: WireAnswer, attempt: int, now: float) -> float | None:
        # A host that says "at once" again and again is not believed.
        least = min(self.first * 0.2 * 2.0**attempt, self.longest) if attempt > 2 else 0.0
        told = _retry_after(answer.headers, now)
        if told is None and "0" in (answer.headers.get(f"{x}ratelimit-remaining") for x in _PREFIXES):
            told = _reset(answer.headers, now)
        if told is not None:
            return max(told, least)
        text = answer.body[:4096].lower()
        if _SECONDARY in text or _ABUSE in text:
            return self.secondary * min(2.0 ** (attempt - 1), 4.0)
        return self._grown(attempt) if answer.status == 429 else None

    def _grown(self, attempt: int) -> float:
        """A random time around `first`, doubled with each attempt, so that threads do not come together."""
        return min(self.first * 2.0 ** (attempt - 1), self.longest) * _random.uniform(0.75, 1.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """Requests that are tried again as `policy` says, at a pace that threads share."""

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    pace: Pace = field(default_factory=Pace)
    listener: Listener
    sleep: Callable[[float], None] = pause
    now: Callable[[], float] = time.time

    def run(self, attempt: Callable[[], WireAnswer], *, what: str, write: bool, again: bool) -> WireAnswer:
        """The final answer, of any status but one that was waited for in vain.

        `what` names the request for messages. `again` tells that it may be done twice. Raises LostError
        where there was no answer, WebError.
        """
        limits, faults, waited = 0, 0, 0.0
        while True:
            if left := self.pace.turn(write=write, longest=self.policy.patience):
                raise _held(what, left)
            outcome = _outcome(attempt)
            limited = isinstance(outcome, WireAnswer) and outcome.status in _LIMITS
            limits, faults = limits + limited, faults + (not limited)
            if isinstance(outcome, LostError):
                delay = self.policy.lost(faults)
            else:
                judged = self.policy.judge(outcome, limits if limited else faults, self.now())
                if judged is None:
                    return outcome
                delay = judged
            if problem := self._problem(outcome, delay, faults, waited, again=again):
                if delay.everybody:  # it lasts for the next request, too
                    self.pace.hold(delay.seconds)
                raise _given_up(what, outcome, delay, problem)
            self._wait(delay, what)
            waited += delay.seconds

    def _problem(
        self, outcome: WireAnswer | LostError, delay: Delay, faults: int, waited: float, *, again: bool
    ) -> str:
        """Why there is no next try; empty where there is one."""
        arrived = outcome.sent if isinstance(outcome, LostError) else outcome.status not in _LIMITS
        if arrived and not again:
            return "whether it was done is not known"
        if faults >= self.policy.tries:
            return f"after {faults} tries"
        if waited + delay.seconds > self.policy.patience:
            return (
                f"it would have to wait {delay.seconds:,.0f} s more, and {self.policy.patience:,.0f} s is "
                "the most that is waited"
            )
        return ""

    def _wait(self, delay: Delay, what: str) -> None:
        if delay.seconds > _WORTH_A_NOTE:
            self.listener.note(f"{what}: {delay.reason}; trying again in {delay.seconds:,.0f} s")
        if delay.everybody:
            self.pace.hold(delay.seconds)  # our own next turn waits for it, too
        else:
            self.sleep(delay.seconds)


def _outcome(attempt: Callable[[], WireAnswer]) -> WireAnswer | LostError:
    try:
        return attempt()
    except LostError as error:
        return error


def _held(what: str, left: float) -> WebError:
    """Nothing was sent, for the host has told that it answers nobody for so long."""
    return WebError(
        f"{what}: its rate limit lasts for {left:,.0f} s more", status=429, advice=_WHEN_IT_IS_OVER
    )


def _given_up(what: str, outcome: WireAnswer | LostError, delay: Delay, problem: str) -> WebError:
    if isinstance(outcome, LostError):
        return LostError(f"{what}: {outcome}; {problem}", sent=outcome.sent)
    limited = outcome.status in _LIMITS
    return WebError(
        f"{what}: {delay.reason}; {problem}",
        # Whoever looks at the status shall not take a limit for a missing permission.
        status=429 if limited else outcome.status,
        advice=_WHEN_IT_IS_OVER if limited else "The fault is on the server's side. Try again later.",
    )


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """What `Retry-After` says, in seconds; None without it, or where it says nothing sensible.

    RFC 9110, 10.2.3: seconds or a date, which is compared with the server's own clock if it tells it.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    moment = _moment(text)
    return None if moment is None else max(0.0, moment - _server_time(headers, now))


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    """The time until the primary limit is over, and a second for clocks that do not agree."""
    told = next((headers[f"{x}ratelimit-reset"] for x in _PREFIXES if f"{x}ratelimit-reset" in headers), "")
    text = told.strip().partition(".")[0]
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        return None
    return max(0.0, float(text) - _server_time(headers, now)) + 1.0


def _server_time(headers: Mapping[str, str], now: float) -> float:
    moment = _moment(headers.get("date", ""))
    return now if moment is None else moment


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
