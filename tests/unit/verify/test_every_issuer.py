"""Each inquiry of the built-in rules: what it sends, where, and what it makes of the answers it names."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from secopskit.findings import VerificationState
from secopskit.rules.inquiry import AnswerSign, Inquiry, Protocol
from secopskit.rules.load import load_builtin
from secopskit.secret import SecretValue
from secopskit.verify.ask import Asker
from secopskit.verify.model import IssuerAnswer, Surrounding
from secopskit.web.retry import RetryPolicy
from support.loopback import Asked, Clock, Loopback, Reply, answering
from support.values import alnum

RULES = {rule.id: rule for rule in load_builtin() if rule.verify is not None}
INQUIRIES = {
    f"{rule.vendor}: {rule.verify.name}": (rule.id, rule.verify)
    for rule in RULES.values()
    if rule.verify is not None and rule.verify.protocol is Protocol.HTTP
}
# POST, and why it reads all the same: the request has no other form.
READING_POSTS = {
    "https://api.fly.io/graphql": "a query of GraphQL",
    "https://api.linear.app/graphql": "a query of GraphQL",
    "https://api.monday.com/v2": "a query of GraphQL",
    "https://api.newrelic.com/graphql": "a query of GraphQL",
    "https://oauth2.googleapis.com/tokeninfo": "the token stays out of the address",
    "https://slack.com/api/auth.test": "Slack's methods take it so",
}
# The value stands in the address: the vendor has no other way.
IN_THE_ADDRESS = {"discord: webhook", "telegram: me", "mapbox: token"}


class Issuer:
    """An issuer on loopback that says what it is told to."""

    def __init__(self) -> None:
        self.reply = Reply()

    def __call__(self, _: Asked) -> Reply:
        return self.reply


class World:
    """An issuer, the server that it is, and somebody who asks it."""

    def __init__(self, issuer: Issuer, server: Loopback) -> None:
        self.issuer, self.server, self.clock = issuer, server, Clock()

    def ask(self, inquiry: Inquiry, value: str, text: str, reply: Reply) -> IssuerAnswer:
        self.issuer.reply = reply
        asker = Asker(
            tell=self.clock, sleep=self.clock.sleep, now=self.clock.now, base_url=self.server.url,
            policy=RetryPolicy(tries=1, patience=0.0),
        )  # fmt: skip
        around = Surrounding(text.encode(), text.index(value))
        return asker.prepare(inquiry, SecretValue(value.encode()), around).ask()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    issuer = Issuer()
    with answering(issuer) as server:
        yield World(issuer, server)


def value_for(rule_id: str) -> tuple[str, str]:
    """A value of the rule, and a text in which it stands with all that an inquiry may look for beside it."""
    value = {
        "discord-webhook": f"https://discord.com/api/webhooks/{'1' * 18}/{alnum(68)}",
        "figma-access-token": f"figd_{alnum(40)}",
        "linear-api-key": f"lin_api_{alnum(40)}",
        "mailchimp-api-key": f"{'0123456789abcdef' * 2}-us12",
        "telegram-bot-token": f"7654321098:AAH{alnum(32)}",
    }.get(rule_id, alnum(40))
    beside = f"AC{'0123456789abcdef' * 2} acme.myshopify.com acme.grafana.net {'abcdefghij' * 2}.supabase.co"
    return value, f"{beside} {value}"


def nested(path: str, value: Any) -> Any:
    """JSON in which `value` stands at `path`."""
    for step in reversed(path.split(".")):
        value = [value] if step == "*" else {step: value}
    return value


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key), other.get(key)) for key in one.keys() | other.keys()}
    if isinstance(one, list) and isinstance(other, list):
        return [merged(one[0], other[0])]
    return other if one is None else one


def scalar(text: str) -> Any:
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


def showing(sign: AnswerSign, inquiry: Inquiry, *, hidden: str = "") -> Reply:
    """An answer with the sign, and with an account and scopes where the inquiry looks for them."""
    headers = dict[str, str]()
    there = (
        scalar(sign.values[0])
        if sign.values
        else f"account-a{hidden}"
        if sign.path in inquiry.account
        else {"id": 7}
    )
    body: Any = nested(sign.path, there) if sign.path else None
    for kind, paths in (("account", inquiry.account), ("scopes", inquiry.scopes)):
        for path in paths:
            if path.startswith("header "):
                headers[path.removeprefix("header ")] = f"{kind}-a{hidden}"
            else:
                place = nested(path, f"{kind}-a{hidden}")
                body = place if body is None else merged(body, place)
    text = json.dumps(body if body is not None else {}) + sign.text
    return Reply(
        status=sign.status, body=text.encode() if not sign.text else sign.text.encode(), headers=headers
    )


@pytest.mark.parametrize("name", sorted(INQUIRIES))
def test_it_understands_every_answer_that_it_names(world: World, name: str) -> None:
    rule_id, inquiry = INQUIRIES[name]
    value, text = value_for(rule_id)
    assert inquiry.inactive
    for signs, state in (
        (inquiry.active, VerificationState.ACTIVE),
        (inquiry.inactive, VerificationState.INACTIVE),
    ):
        for sign in signs:
            seen = world.ask(inquiry, value, text, showing(sign, inquiry))
            assert seen.state is state, (sign, seen.detail)
    best = world.ask(inquiry, value, text, showing(inquiry.active[0], inquiry, hidden=value))
    assert bool(best.account) is bool(inquiry.account)
    assert value not in str(best)


@pytest.mark.parametrize("status", [302, 418, 429, 503])
def test_what_it_does_not_name_says_nothing(world: World, status: int) -> None:
    value, text = value_for("github-pat")
    said = Reply(status=status, headers={"Location": "https://x.example/"}, body=value.encode())
    seen = world.ask(INQUIRIES["GitHub: user"][1], value, text, said)
    assert seen.state is VerificationState.UNKNOWN
    assert value not in str(seen) + "".join(world.clock.notes)


@pytest.mark.parametrize("name", sorted(INQUIRIES))
def test_the_value_goes_where_its_issuer_wants_it_and_only_reads(world: World, name: str) -> None:
    rule_id, inquiry = INQUIRIES[name]
    value, text = value_for(rule_id)
    world.ask(inquiry, value, text, Reply(status=401))
    asked = world.server.asked[-1]
    key = value.rpartition("/")[2]
    authorization = asked.headers.get("authorization", "")
    login = base64.b64decode(authorization[6:]).decode() if authorization.startswith("Basic ") else ""
    sent = [*asked.headers.values(), login, asked.body.decode()]
    in_address = key in unquote(asked.path)
    assert in_address is (name.lower() in IN_THE_ADDRESS)
    assert in_address or any(key in one for one in sent)
    assert asked.method == "GET" or inquiry.url in READING_POSTS
    assert inquiry.source.startswith("https://")


def test_hosts_are_written_out_and_many() -> None:
    hosts = {inquiry.host for _, inquiry in INQUIRIES.values()}
    assert len(hosts) >= 80
    for host in hosts:
        labels = host.split(".")
        assert len(labels) >= 2
        assert "{" not in "".join(labels[1:])
    with_slots = {host for host in hosts if "{" in host}
    assert with_slots == {
        "{dc}.api.mailchimp.com", "{project}.supabase.co", "{shop}.myshopify.com", "{stack}.grafana.net",
    }  # fmt: skip


def test_the_kinds_that_must_be_asked_are() -> None:
    wanted = {
        "anthropic-api-key", "aws-secret-access-key", "digitalocean-pat", "github-pat", "gitlab-pat",
        "npm-access-token", "openai-api-key", "sendgrid-api-key", "slack-bot-token", "stripe-secret-key",
        "supabase-access-token", "supabase-secret-key", "url-password",
    }  # fmt: skip
    assert wanted <= set(RULES)
    assert not {"pypi-api-token", "slack-webhook", "stripe-publishable-key"} & set(RULES)


# What issuers are published to say, word for word, where more than a status counts.
_SAID: list[tuple[str, int, Any, VerificationState]] = [
    ("slack-bot-token", 200, {"ok": True, "user": "bot", "team": "Acme"}, VerificationState.ACTIVE),
    ("slack-bot-token", 200, {"ok": False, "error": "token_revoked"}, VerificationState.INACTIVE),
    ("slack-bot-token", 200, {"ok": False, "error": "invalid_auth"}, VerificationState.UNKNOWN),
    ("slack-bot-token", 200, {"ok": False, "error": "ratelimited"}, VerificationState.UNKNOWN),
    ("slack-bot-token", 200, [], VerificationState.UNKNOWN),
    ("linear-api-key", 200, {"data": {"viewer": {"email": "a@b.example"}}}, VerificationState.ACTIVE),
    ("linear-api-key", 200, {"errors": [{"message": "x"}]}, VerificationState.UNKNOWN),
    ("figma-access-token", 403, {"status": 403, "err": "Invalid token"}, VerificationState.INACTIVE),
    ("figma-access-token", 403, {"status": 403, "err": "Invalid scope"}, VerificationState.ACTIVE),
    ("cloudflare-api-token", 200, {"result": {"status": "disabled"}}, VerificationState.INACTIVE),
    ("cloudflare-api-token", 401, {"errors": [{"code": 1000}]}, VerificationState.INACTIVE),
    ("cloudflare-api-token", 401, {"errors": [{"code": 9109}]}, VerificationState.UNKNOWN),
    ("mapbox-secret-token", 200, {"code": "TokenRevoked"}, VerificationState.INACTIVE),
    ("telegram-bot-token", 200, {"ok": True, "result": {"username": "b"}}, VerificationState.ACTIVE),
    ("sonarqube-token", 200, {"valid": False}, VerificationState.INACTIVE),
    ("resend-api-key", 401, {"name": "restricted_api_key"}, VerificationState.ACTIVE),
    ("elevenlabs-api-key", 401, {"detail": {"status": "missing_permissions"}}, VerificationState.ACTIVE),
    ("meta-access-token", 400, {"error": {"code": 190}}, VerificationState.INACTIVE),
    ("meta-access-token", 400, {"error": {"code": 4}}, VerificationState.UNKNOWN),
    ("github-pat", 403, {"message": "rate limit"}, VerificationState.UNKNOWN),
    ("openai-api-key", 403, {}, VerificationState.ACTIVE),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "status", "body", "expected"), _SAID)
def test_what_issuers_say(
    world: World, rule_id: str, status: int, body: Any, expected: VerificationState
) -> None:
    inquiry = RULES[rule_id].verify
    assert inquiry is not None
    value, text = value_for(rule_id)
    seen = world.ask(inquiry, value, text, Reply(status=status, body=json.dumps(body).encode()))
    assert seen.state is expected, seen.detail
