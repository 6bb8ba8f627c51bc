from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import ConfigError
from secopskit.secret import SecretValue
from secopskit.web.errors import LostError, WebError
from secopskit.web.vendor import VendorClient
from support.loopback import Clock, Reply, document, replying
from support.values import alnum


def client(url: str, clock: Clock | None = None, **more: Any) -> VendorClient:
    clock = clock or Clock()
    return VendorClient(url, tell=clock, sleep=clock.sleep, now=clock.now, **more)


def test_json_goes_and_comes() -> None:
    token = alnum(40)
    with replying(document({"id": 7}, 201, X_Thing="1")) as server:
        talk = client(server.url + "/v1", token=SecretValue(token.encode()))
        answer = talk.call("POST", "/keys", query={"reveal": "true"}, body={"name": "ü"})
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (201, {"id": 7}, "1")
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.json) == ("POST", "/v1/keys?reveal=true", {"name": "ü"})
    assert asked.headers["authorization"] == f"Bearer {token}"
    assert asked.headers["content-type"] == "application/json"


def test_a_token_may_stand_in_another_header() -> None:
    with replying(Reply(status=204)) as server:
        talk = client(
            server.url,
            token=SecretValue(b"t1"),
            token_header="apikey",
            token_prefix="",
            headers={"X-Other": SecretValue(b"t2")},
        )
        assert talk.call("DELETE", "/x").body is None
    headers = server.asked[0].headers
    assert (headers["apikey"], headers["x-other"], "authorization" in headers) == ("t1", "t2", False)
    assert "content-type" not in headers


@pytest.mark.parametrize("token", [b"", b"a b", b"abc\n", b"a\r\nX-Evil: 1", "ü".encode(), b"a\0"])
def test_what_is_no_token_is_not_sent(token: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        client("https://api.example.com", token=SecretValue(token))
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 302])
def test_a_refusal_is_an_error_with_its_status_unless_it_is_expected(status: int) -> None:
    reply = document({"message": "canary", "missing_permissions": ["a"]}, status)
    with replying(reply) as server:
        with pytest.raises(WebError) as caught:
            client(server.url).call("GET", "/x")
        assert client(server.url).call("GET", "/x", accept=(status,)).status == status
    assert caught.value.status == status
    assert caught.value.body["missing_permissions"] == ["a"]
    assert "canary" not in str(caught.value) + caught.value.advice
    assert len(server.asked) == 2


def test_post_is_sent_again_only_if_that_is_safe() -> None:
    with replying(Reply(status=502), document({})) as server:
        with pytest.raises(WebError, match="whether it was done is not known"):
            client(server.url).call("POST", "/x", body={})
        assert client(server.url).call("POST", "/x", body={}).status == 200
    with replying(Reply(drop=True), Reply(status=502), document({})) as server:
        assert client(server.url).call("POST", "/x", body={}, again=True).status == 200
    with replying(Reply(drop=True), Reply(status=502), document({})) as server:
        assert client(server.url).call("PATCH", "/x", body={}).status == 200
    with replying(Reply(drop=True), document({})) as server, pytest.raises(LostError):
        client(server.url).call("DELETE", "/x", again=False)


def test_a_page_instead_of_json_is_an_error_of_its_own() -> None:
    with (
        replying(Reply(body=b"<html>please sign in, canary</html>")) as server,
        pytest.raises(WebError, match="no JSON") as caught,
    ):
        client(server.url).call("GET", "/x")
    assert "canary" not in str(caught.value)


def test_nothing_leaks_of_a_conversation_that_fails(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    token, value = alnum(40), alnum(40)
    seen = []
    for reply in (document({"message": value}, 500), document({"message": value}, 403), Reply(drop=True)):
        with replying(reply) as server, pytest.raises(WebError) as caught:
            client(server.url, token=SecretValue(token.encode())).call("PUT", "/x", body={"value": value})
        seen += [str(caught.value), caught.value.advice, repr(caught.value)]
    text = caplog.text + "".join(seen)
    assert token not in text
    assert value not in text
    assert token not in repr(client("https://api.example.com", token=SecretValue(token.encode())))
