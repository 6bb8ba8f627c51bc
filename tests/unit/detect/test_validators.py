"""What a validator lets pass, and that nothing makes one raise."""

from __future__ import annotations

import base64
import hmac
import json
import secrets

import pytest

from secopskit.detect.validators import TELLERS, VALIDATORS
from secopskit.detect.value.web_tokens import TokenSays
from secopskit.findings import Severity

HEADER = {"alg": "HS256", "typ": "JWT"}


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(payload: object, header: object = HEADER) -> bytes:
    return f"{segment(header)}.{segment(payload)}.c2lnbmF0dXJl".encode()


def passes(secret: bytes) -> set[str]:
    return {
        name
        for name, accepts in VALIDATORS.items()
        if name not in {"mixed", "basic-auth", "private-key"} and accepts(secret)
    }


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"sub": "1"}, {"jwt"}),
        ({"role": "admin", "iss": "supabase"}, {"jwt"}),
        ({"role": "service_role"}, {"supabase-service-role"}),
        ({"role": "service_role", "iss": "supabase"}, {"supabase-service-role"}),
        ({"role": "service_role", "iss": "supabase-demo"}, {"supabase-demo"}),
        ({"role": "anon", "iss": "supabase"}, {"supabase-anon"}),
        ({"role": "anon", "iss": "supabase-demo"}, {"supabase-anon"}),
        ({"role": ["service_role"]}, {"jwt"}),
        ({}, {"jwt"}),
        (["role"], set()),
        ("role", set()),
    ],
)
def test_each_token_belongs_to_one_rule(payload: object, expected: set[str]) -> None:
    assert passes(token(payload)) == expected


@pytest.mark.parametrize(
    "secret",
    [
        b"",
        b".",
        b"..",
        b"a.b.c",
        b"eyJ.eyJ.sig",
        token({"sub": "1"}, header={"typ": "JWT"}),
        token({"sub": "1"}, header={"alg": 1}),
        token({"sub": "1"}, header=["alg"]),
        token({"sub": "1"}) + b".more",
        token({"sub": "1"})[1:],
        b"\xff\xfe.\x00.\x80",
        base64.b64encode(b"[" * 6000) + b".e30.c2ln",
        f"{segment(HEADER)}.{base64.b64encode(b'[' * 9000).decode()}.c2ln".encode(),
        f"{segment(HEADER)}.{base64.b64encode(b'9' * 9000).decode()}.c2ln".encode(),
        token({"pad": "x" * 40_000}),
    ],
    ids=range(15),
)
def test_what_is_no_token_is_refused_without_raising(secret: bytes) -> None:
    assert passes(secret) == set()


def test_padding_and_the_standard_alphabet_are_read_too() -> None:
    payload = base64.b64encode(json.dumps({"role": "anon", "x": "\u00ff>?>?"}).encode()).decode()
    assert passes(f"{segment(HEADER)}.{payload}.c2ln".encode()) == {"supabase-anon"}


@pytest.mark.parametrize(
    ("plain", "plausible"),
    [
        (b"alice:hunter2024", True),
        ("zoë:pässword".encode(), True),
        (b"alice:with:colons", True),
        (b"alice:", False),
        (b":hunter2024", False),
        (b"alice", False),
        (b"alice:\x00\x01\x02", False),
        (b"", False),
    ],
)
def test_basic_auth_is_a_user_and_a_password(plain: bytes, plausible: bool) -> None:
    assert VALIDATORS["basic-auth"](base64.b64encode(plain)) is plausible


@pytest.mark.parametrize("secret", [b"!", b"abc", b"\xff" * 9, b"YWxpY2U6eA" * 2000])
def test_basic_auth_refuses_what_is_no_base64_or_too_long(secret: bytes) -> None:
    assert VALIDATORS["basic-auth"](secret) is False


@pytest.mark.parametrize(
    ("secret", "random"),
    [
        (b"a1", True),
        (b"Z-9", True),
        (b"letters-only", False),
        (b"0123-456", False),
        (b"", False),
        (b"@[`{7", False),
    ],
)
def test_mixed_wants_letters_and_digits(secret: bytes, random: bool) -> None:
    assert VALIDATORS["mixed"](secret) is random


def signed(payload: object, key: bytes, algorithm: str = "HS256") -> bytes:
    head = f"{segment({'alg': algorithm})}.{segment(payload)}".encode()
    digest = hmac.digest(key, head, algorithm.replace("HS", "sha"))
    return head + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_what_documentation_signs_anybody_can_make(algorithm: str) -> None:
    claims = {"sub": "7", "iss": "acme"}
    assert TELLERS["jwt"](signed(claims, secrets.token_bytes(32), algorithm)).severity is None
    assert TELLERS["jwt"](signed(claims, b"your-256-bit-secret", algorithm)).severity is Severity.INFO
    assert TELLERS["jwt"](signed(claims, b"secret", algorithm)).severity is Severity.INFO


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "1234567890", "name": "John Doe", "admin": True},
        {"sub": "1234567890", "iat": 1516239022},
        {"iss": "https://auth.example.com/", "sub": "7"},
        {"sub": "alice@example.org"},
    ],
)
def test_claims_of_documentation(claims: dict[str, object]) -> None:
    assert TELLERS["jwt"](signed(claims, secrets.token_bytes(32))).severity is Severity.INFO


def test_nobody_signs_none() -> None:
    assert not passes(token({"sub": "7"}, {"alg": "none"}))


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"exp": 1935360000}, "expires 2031-05-01"),
        ({"exp": 1935360000.5}, "expires 2031-05-01"),
        ({"sub": "7"}, "never expires"),
        ({"exp": "tomorrow"}, ""),
        ({"exp": -1}, ""),
        ({"exp": 10**30}, ""),
        ({"exp": True}, ""),
    ],
)
def test_when_a_token_expires(claims: dict[str, object], told: str) -> None:
    assert TELLERS["jwt"](token(claims)) == TokenSays(told)


def test_what_is_no_token_tells_nothing() -> None:
    assert TELLERS["jwt"](b"eyJ.eyJ.x") == TokenSays()


def pem(body: str) -> bytes:
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----".encode()


def drawn_body() -> str:
    return "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" + base64.b64encode(secrets.token_bytes(600)).decode()


def test_the_body_of_a_key_is_drawn() -> None:
    body = drawn_body()
    assert VALIDATORS["private-key"](pem(body))
    assert VALIDATORS["private-key"](pem(body).replace(b"\n", b"\\n"))
    assert VALIDATORS["private-key"](pem(body)[:400])  # cut off


@pytest.mark.parametrize("body", ["MIIE" + "A0" * 300, "MIIExample1" * 30, "MIIE0123456789abcdefghij" * 20])
def test_a_body_that_is_made_up_is_no_key(body: str) -> None:
    assert not VALIDATORS["private-key"](pem(body))


def test_a_line_that_comes_again_is_made_up() -> None:
    line = base64.b64encode(secrets.token_bytes(48)).decode()
    assert not VALIDATORS["private-key"](pem(line * 12))
