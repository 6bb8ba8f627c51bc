"""Hostile content: no exception, bounded time, spans inside the blob."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.detect.structure import DETECTORS, MAX_SIZE
from secopskit.findings import Blob, Match
from support.values import alnum

PATHS = (
    ".env",
    "compose.yaml",
    "k8s/secret.yml",
    ".github/workflows/ci.yml",
    "odoo.conf",
    ".npmrc",
    "Dockerfile",
    "settings.json",
    ".docker/config.json",
    "config.toml",
    "web.config",
    "main.tf",
    "deploy.sh",
    ".bashrc",
    "init.sql",
    ".netrc",
    ".pgpass",
    ".git-credentials",
    ".htpasswd",
    "etc/shadow",
    "config/master.key",
    "wp-config.php",
    "settings.py",
)
PIECES = st.sampled_from(
    [
        "password",
        "PASSWORD",
        "services:",
        "environment",
        "- ",
        "  ",
        "\n",
        "\t",
        ":",
        ": ",
        "=",
        "'",
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        "&a",
        "*a",
        "<<: ",
        "|",
        ">",
        "#",
        "${",
        ":-",
        "://",
        "@",
        "kind: Secret",
        "data:",
        "export ",
        "ENV ",
        "IDENTIFIED BY ",
        "<<EOF\n",
        "EOF\n",
        "--password ",
        "<password>",
        "</password>",
        "machine x login y password ",
        "define(",
        "\x00",
        "\xff",
        "é",
        "x1Y2z3W4v5",
        "%41",
        "==",
        "!!python/object:os.system",
        "---\n",
        "...\n",
        "? ",
        "$apr1$",
        "%(x)s",
        "\r\n",
        "\ufeff",
    ]
)


def scan(path: str, data: bytes) -> list[Match]:
    return [
        match for each in DETECTORS if each.wants(path) for match in each.detect(Blob(path=path, data=data))
    ]


def check(path: str, data: bytes) -> None:
    for match in scan(path, data):
        assert 0 <= match.span.start < match.span.end <= len(data), (path, match.rule_id)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    for path in PATHS:
        check(path, data)


@settings(max_examples=120, deadline=None)
@given(pieces=st.lists(PIECES, max_size=60))
def test_pieces_of_every_grammar(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    for path in PATHS:
        check(path, data)


COMPOSE = b"""\
x-env: &env
  TOKEN: "%s"
services:
  db:
    image: postgres
    environment:
      <<: *env
      DB_PASSWORD: '%s'
    command: ["redis-server", "--requirepass", "%s"]
""" % (b"a1B2" * 9, alnum(12).encode(), alnum(12).encode())


@pytest.mark.parametrize("cut", range(0, len(COMPOSE), 7))
def test_a_truncated_file(cut: int) -> None:
    check("compose.yaml", COMPOSE[:cut])


LAUGHS = b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 30)
)
MEGA = 256 * 1024  # cost is linear in it
HOSTILE = {
    "deep flow": b"[" * 50_000,
    "deep map": b"{a: " * 50_000,
    "deep block": b"".join(b" " * i + b"a:\n" for i in range(1500)),
    "billion laughs": LAUGHS,
    "many events": b"[" + b"a," * 400_000 + b"]",
    "long line": b"password=" + b"a1B2" * (MEGA // 4),
    "long line of words": b"password token secret " * (MEGA // 22),
    "quotes": b'"' * MEGA,
    "pairs of quotes": b'"password":' * (MEGA // 11),
    "dashes": b"--a" * (MEGA // 3),
    "flags": b" --password" * (MEGA // 11),
    "mysql": b"mysql -a " * (MEGA // 9),
    "here-documents": b"<<A\n" * (MEGA // 4),
    "backslashes": b'A="' + b"\\" * MEGA,
    "open quotes": b"A='\n" * (MEGA // 4),
    "variables": b'variable "a" {' * (MEGA // 14),
    "tags": b"<a b='" * (MEGA // 6),
    "comments": b"<!--" * (MEGA // 4),
    "blanks in tags": b"<password>" + b" " * MEGA,
    "urls": b"a://b:" * (MEGA // 6),
    "roles": b"CREATE ROLE a " * (MEGA // 14),
    "assignments": b"a_key: b\n" * (MEGA // 9),
    "blanks": b" " * MEGA,
    "continued": b"ENV A=b \\\n" * (MEGA // 10),
    "fields": b"a:" * (MEGA // 2),
    "templates": b"${" * (MEGA // 2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bomb_costs_little(name: str) -> None:
    data = HOSTILE[name]
    for path in PATHS:
        began = time.process_time()
        check(path, data)
        spent = time.process_time() - began
        assert spent < 3, (path, spent)


def test_a_file_over_the_limit_is_left_to_the_patterns() -> None:
    data = b"API_KEY=" + b"a1B2c3D4" * 5 + b"\n"
    assert scan(".env", data)
    assert not scan(".env", data + b"#" * MAX_SIZE)
