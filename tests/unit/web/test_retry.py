from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.web.errors import LostError, WebError
from secopskit.web.pace import Pace
from secopskit.web.retry import Persistence, RetryPolicy
from secopskit.web.wire import WireAnswer
from support.loopback import Clock

POLICY = RetryPolicy()
NOW = 1_700_000_000.0


def answer(status: int, body: bytes = b"", /, **headers: str) -> WireAnswer:
    return WireAnswer(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def waited(reply: WireAnswer, attempt: int = 1) -> float | None:
    delay = POLICY.judge(reply, attempt, NOW)
    return None if delay is None else delay.seconds


class Script:
    """Answers in order, the last one for ever."""

    def __init__(self, *outcomes: WireAnswer | LostError) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0

    def __call__(self) -> WireAnswer:
        self.calls += 1
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, LostError):
            raise outcome
        return outcome


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(clock: Clock) -> Callable[..., WireAnswer]:
    def go(script: Script, *, again: bool = True, policy: RetryPolicy = POLICY) -> WireAnswer:
        pace = Pace(per_second=None, sleep=clock.sleep, now=clock.now)
        persistence = Persistence(policy=policy, pace=pace, listener=clock, sleep=clock.sleep, now=clock.now)
        return persistence.run(script, what="PUT /x at host", write=True, again=again)

    return go


# --- what an answer means ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 204, 301, 400, 401, 404, 409, 410, 422, 501])
def test_most_answers_are_final(status: int) -> None:
    assert waited(answer(status, retry_after="5")) is None


@pytest.mark.parametrize("status", [403, 429, 503])
def test_retry_after_in_seconds_is_kept(status: int) -> None:
    assert waited(answer(status, retry_after="17")) == 17


def test_retry_after_as_a_date_is_counted_on_the_servers_clock() -> None:
    server = NOW - 86_400  # a day behind ours
    reply = answer(
        429, retry_after=formatdate(server + 90, usegmt=True), date=formatdate(server, usegmt=True)
    )
    assert waited(reply) == 90
    assert waited(answer(429, retry_after=formatdate(NOW + 30, usegmt=True))) == 30
    assert waited(answer(429, retry_after=formatdate(NOW - 30, usegmt=True))) == 0


def test_forbidden_without_a_limit_is_a_missing_permission() -> None:
    assert waited(answer(403, b'{"message": "Resource not accessible by personal access token"}')) is None
    assert waited(answer(403, x_ratelimit_remaining="4999", x_ratelimit_reset=str(int(NOW) + 60))) is None


@pytest.mark.parametrize("status", [403, 429])
def test_a_primary_limit_is_waited_for_until_its_reset(status: int) -> None:
    reply = answer(
        status,
        x_ratelimit_remaining="0",
        x_ratelimit_reset=str(int(NOW) + 100),
        date=formatdate(NOW + 40, usegmt=True),
    )
    assert waited(reply) == 61


@pytest.mark.parametrize(
    "text", [b"You have exceeded a secondary rate limit.", b"triggered an Abuse Detection"]
)
def test_a_secondary_limit_without_a_header_takes_a_minute(text: bytes) -> None:
    assert [waited(answer(403, text), attempt) for attempt in (1, 2, 3, 9)] == [60, 120, 240, 240]


def test_a_bare_limit_is_waited_for_longer_each_time() -> None:
    waits = [waited(answer(429), attempt) or 0 for attempt in (1, 2, 3, 4, 20)]
    for wait, middle in zip(waits, (1, 2, 4, 8, 60), strict=True):
        assert 0.75 * middle <= wait <= 1.25 * middle


def test_a_host_that_says_at_once_for_ever_is_not_believed() -> None:
    waits = [waited(answer(429, retry_after="0"), attempt) or 0 for attempt in range(1, 12)]
    assert waits[:2] == [0, 0]
    assert waits == sorted(waits)
    assert sum(waits) > 100


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=12), st.integers(1, 50))
def test_no_header_breaks_it(after: str, date: str, reset: str, attempt: int) -> None:
    reply = answer(429, retry_after=after, date=date, x_ratelimit_remaining="0", x_ratelimit_reset=reset)
    delay = POLICY.judge(reply, attempt, NOW)
    assert delay is not None
    assert delay.seconds >= 0


# --- trying again -----------------------------------------------------------------------------


def test_a_limit_is_waited_out_whatever_the_request(run: Any, clock: Clock) -> None:
    script = Script(answer(403, retry_after="30"), answer(429, retry_after="10"), answer(201))
    assert run(script, again=False).status == 201
    assert sum(clock.slept) == 40
    assert [note.partition(";")[0] for note in clock.notes] == ["PUT /x at host: its rate limit"] * 2


def test_faults_are_tried_six_times_at_growing_distances(run: Any, clock: Clock) -> None:
    script = Script(answer(500))
    with pytest.raises(WebError, match="HTTP 500; after 6 tries") as caught:
        run(script)
    assert caught.value.status == 500
    assert script.calls == 6
    assert clock.slept == sorted(clock.slept)
    assert 20 < sum(clock.slept) < 45


def test_limits_do_not_count_as_faults(run: Any) -> None:
    limits = [answer(429, retry_after="2")] * 10
    assert run(Script(*limits, *[answer(500)] * 5, *limits, answer(204))).status == 204


@pytest.mark.parametrize("fault", [answer(502), answer(503), LostError("broke", sent=True)])
def test_what_must_not_be_done_twice_is_not_sent_twice(run: Any, fault: WireAnswer | LostError) -> None:
    script = Script(fault)
    with pytest.raises(WebError, match="whether it was done is not known"):
        run(script, again=False)
    assert script.calls == 1


def test_what_cannot_have_arrived_is_sent_again(run: Any) -> None:
    script = Script(LostError("no route", sent=False), answer(201))
    assert run(script, again=False).status == 201


def test_no_answer_at_all_is_told_as_such(run: Any) -> None:
    with pytest.raises(LostError, match="the connection broke; after 6 tries") as caught:
        run(Script(LostError("the connection broke", sent=True)))
    assert caught.value.status == 0
    assert caught.value.sent


def test_a_wait_that_is_too_long_is_not_begun(run: Any, clock: Clock) -> None:
    with pytest.raises(WebError, match=r"wait 901 s more, and 900 s is the most") as caught:
        run(Script(answer(429, retry_after="901")))
    assert caught.value.status == 429
    assert not clock.slept


def test_all_waits_together_are_bounded(run: Any, clock: Clock) -> None:
    with pytest.raises(WebError, match="its rate limit"):
        run(Script(answer(403, b"secondary rate limit")))
    assert sum(clock.slept) <= 900


@given(
    st.lists(st.sampled_from([(403, "7"), (429, ""), (500, ""), (503, "20"), (429, "0")]), max_size=60),
    st.floats(0, 200),
)
def test_patience_is_never_exceeded(replies: list[tuple[int, str]], patience: float) -> None:
    clock = Clock()
    pace = Pace(per_second=None, sleep=clock.sleep, now=clock.now)
    policy = RetryPolicy(patience=patience, tries=100)
    persistence = Persistence(policy=policy, pace=pace, listener=clock, sleep=clock.sleep, now=clock.now)
    outcomes = [answer(status, **({"retry_after": after} if after else {})) for status, after in replies]
    script = Script(*outcomes, answer(204))
    needed = sum(int(after or 0) for _, after in replies)
    if needed > patience:
        with pytest.raises(WebError, match="the most that is waited"):
            persistence.run(script, what="", write=False, again=True)
    else:
        with suppress(WebError):
            persistence.run(script, what="", write=False, again=True)
    assert sum(clock.slept) <= patience + 1e-3


def test_a_limit_stops_all_requests_of_the_pace(clock: Clock) -> None:
    pace = Pace(per_second=None, sleep=clock.sleep, now=clock.now)
    persistence = Persistence(listener=clock, pace=pace, sleep=clock.sleep, now=clock.now)
    begun = clock.now()
    times = list[float]()

    def attempt() -> WireAnswer:
        times.append(clock.now() - begun)
        if len(times) == 1:
            pace.hold(50)  # as another thread does, which was told so
        return answer(500) if len(times) == 1 else answer(200)

    assert persistence.run(attempt, what="", write=False, again=True).status == 200
    assert times == [0, pytest.approx(50)]


def test_nobody_asks_while_a_limit_lasts_that_is_too_long_to_wait_for(clock: Clock) -> None:
    pace = Pace(per_second=None, sleep=clock.sleep, now=clock.now)
    persistence = Persistence(listener=clock, pace=pace, sleep=clock.sleep, now=clock.now)
    script = Script(answer(429, retry_after="3000"), answer(200))
    for words in ("the most that is waited", "lasts for 3,000 s more", "lasts for 3,000 s more"):
        with pytest.raises(WebError, match=words) as caught:
            persistence.run(script, what="", write=False, again=True)
        assert caught.value.status == 429
    assert (len(script.outcomes), clock.slept) == (1, [])
    clock.time += 2500
    assert persistence.run(script, what="", write=False, again=True).status == 200
    assert clock.slept == pytest.approx([500])
