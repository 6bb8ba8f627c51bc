"""What a validator lets pass, and that nothing makes one raise."""

from __future__ import annotations

import base64
import json

import pytest

from secopskit.detect.validators import VALIDATORS

HEADER = {"alg": "HS256", "typ": "JWT"}


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(payload: object, header: object = HEADER) -> bytes:
    return f"{segment(header)}.{segment(payload)}.c2lnbmF0dXJl".encode()


def passes(secret: bytes) -> set[str]:
    return {
        name
        for name, accepts in VALIDATORS.items()
        if name not in {"mixed", "basic-auth"} and accepts(secret)
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
