"""AWS' signature, the pace, limits, and many questions at once."""

from __future__ import annotations

import time
from _thread import interrupt_main
from datetime import UTC, datetime
from threading import Event

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from secopskit.findings import VerificationState
from secopskit.rules.inquiry import AnswerSign, Inquiry, Protocol
from secopskit.secret import SecretValue
from secopskit.verify.ask import Asker, PreparedQuestion
from secopskit.verify.model import IssuerAnswer, Surrounding, UnaskableError
from secopskit.verify.run import ask_all, hosts_of
from secopskit.verify.sts import KEY_ID, read_sts, sts_request
from secopskit.web.wire import WireAnswer
from support.loopback import Clock, Reply, replying
from support.values import alnum

NOW = 1_767_225_600.0
ME = Inquiry(
    name="me",
    source="",
    url="https://api.own.example/me",
    headers=(("Authorization", "Bearer {value}"),),
    active=(AnswerSign(200),),
    inactive=(AnswerSign(401),),
)


def test_the_signature_is_that_of_aws_own_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    key_id, secret = "AKIA" + alnum(16).upper(), alnum(40)
    ours = sts_request({KEY_ID: SecretValue(key_id.encode()), "value": SecretValue(secret.encode())}, NOW)
    monkeypatch.setattr(
        "botocore.auth.get_current_datetime", lambda *_: datetime.fromtimestamp(NOW, UTC), raising=False
    )
    theirs = AWSRequest(
        "POST", ours.url, data=ours.body, headers={"Content-Type": ours.headers["Content-Type"]}
    )
    signer = SigV4Auth(Credentials(key_id, secret), "sts", "us-east-1")
    theirs.context["timestamp"] = ours.headers["X-Amz-Date"]
    theirs.headers["X-Amz-Date"] = ours.headers["X-Amz-Date"]
    canonical = signer.canonical_request(theirs)
    signature = signer.signature(signer.string_to_sign(theirs, canonical), theirs)
    assert ours.headers["Authorization"].endswith(f"Signature={signature}")
    assert secret not in repr(ours)


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, "<Arn>arn:aws:iam::123456789012:user/ada</Arn>", VerificationState.ACTIVE),
        (403, "<Code>InvalidClientTokenId</Code>", VerificationState.INACTIVE),
        (403, "<Code>ExpiredToken</Code>", VerificationState.INACTIVE),
        (403, "<Code>SignatureDoesNotMatch</Code>", VerificationState.UNKNOWN),
        (403, "<Code>AccessDenied</Code>", VerificationState.UNKNOWN),
        (200, "<html>", VerificationState.UNKNOWN),
    ],
)
def test_what_sts_says(status: int, body: str, state: VerificationState) -> None:
    seen = read_sts(WireAnswer(status, {}, body.encode()))
    assert seen.state is state
    assert seen.account == ("arn:aws:iam::123456789012:user/ada" if state is VerificationState.ACTIVE else "")


def test_a_secret_without_its_id_is_not_sent() -> None:
    clock, secret = Clock(), alnum(40)
    asker = Asker(tell=clock, sleep=clock.sleep, now=clock.now)
    inquiry = Inquiry(name="caller", source="", protocol=Protocol.AWS_STS)
    text = f"secret = {secret}"
    for beside, why in (("", "key id that belongs to it"), (" ASIA" + "B" * 16, "session token")):
        with pytest.raises(UnaskableError, match=why):
            asker.prepare(inquiry, SecretValue(secret.encode()), Surrounding((text + beside).encode(), 9))
    pair = Surrounding(f"{text} AKIA{'B' * 16}".encode(), 9)
    assert asker.prepare(inquiry, SecretValue(secret.encode()), pair).host == "sts.amazonaws.com"


def ask(server_url: str, clock: Clock, number: int = 1) -> list[IssuerAnswer]:
    asker = Asker(tell=clock, sleep=clock.sleep, now=clock.now, base_url=server_url)
    return [asker.prepare(ME, SecretValue(alnum(30).encode())).ask() for _ in range(number)]


def test_a_limit_is_waited_out_and_a_long_one_ends_the_questions() -> None:
    clock = Clock()
    with replying(Reply(status=429, headers={"Retry-After": "7"}), Reply(body=b"{}")) as server:
        assert ask(server.url, clock)[0].state is VerificationState.ACTIVE
    assert any(6.5 < seconds < 7.5 for seconds in clock.slept)
    with replying(Reply(status=429, headers={"Retry-After": "3600"})) as server:
        seen = ask(server.url, clock, 5)
        assert len(server.asked) == 1  # the others heed what the first was told
    assert {one.state for one in seen} == {VerificationState.UNKNOWN}
    assert "rate limit" in seen[-1].detail


def test_a_host_is_asked_at_a_pace() -> None:
    clock = Clock()
    with replying(Reply(status=401)) as server:
        ask(server.url, clock, 7)
    assert sum(clock.slept) > 1.0


@pytest.mark.parametrize(
    "reply",
    [Reply(drop=True), Reply(status=500), Reply(body=b"x" * (1024 * 1024 + 10))],
    ids=["lost", "fault", "large"],
)
def test_trouble_is_an_answer_without_a_value(reply: Reply) -> None:
    clock = Clock()
    with replying(reply) as server:
        (seen,) = ask(server.url, clock)
        assert len(server.asked) <= 2
    assert seen.state is VerificationState.UNKNOWN
    assert seen.detail


def test_questions_are_counted_by_host_and_come_to_an_end() -> None:
    said = IssuerAnswer(VerificationState.ACTIVE, "x")
    questions = {f"f{n}": PreparedQuestion(("a.example", "b.example")[n % 2], lambda: said) for n in range(5)}
    assert hosts_of(questions) == (("a.example", 3), ("b.example", 2))
    assert ask_all(questions) == dict.fromkeys(questions, said)
    assert ask_all({}) == {}
    hours = iter(range(0, 10_000_000, 3600))
    late = ask_all(questions, clock=lambda: float(next(hours)))
    assert {one.detail for one in late.values()} == {"not asked: 600 s of asking were over"}


def test_a_silent_host_is_not_asked_for_every_value() -> None:
    asked = list[str]()

    def question(host: str, *, silent: bool) -> PreparedQuestion:
        def send() -> IssuerAnswer:
            asked.append(host)
            return IssuerAnswer(VerificationState.UNKNOWN, "", answered=not silent, silent=silent)

        return PreparedQuestion(host, send)

    silent = {f"s{number}": question("down.example", silent=True) for number in range(5)}
    other = {f"o{number}": question("up.example", silent=False) for number in range(5)}
    answers = ask_all(silent | other)
    assert (asked.count("down.example"), asked.count("up.example")) == (2, 5)
    assert len(answers) == 10
    skipped = [name for name, answer in answers.items() if answer.detail.startswith("not asked")]
    assert skipped == ["s2", "s3", "s4"]


def test_an_interruption_is_not_swallowed() -> None:
    def interrupted() -> IssuerAnswer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_all({"a": PreparedQuestion("a.example", interrupted)})


def test_who_interrupts_does_not_wait_for_a_slow_host() -> None:
    answered = Event()

    def slow() -> IssuerAnswer:
        interrupt_main()
        answered.wait(30)
        return IssuerAnswer(VerificationState.UNKNOWN, "")

    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            ask_all({"a": PreparedQuestion("a.example", slow)})
        assert time.monotonic() - began < 15
    finally:
        answered.set()
