"""Hostile configuration files: pieces of every grammar, and bombs."""

from __future__ import annotations

from hypothesis import strategies as st

from support.values import alnum

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
        "INSERT INTO a (password) VALUES (",
        "COPY a (password) FROM stdin;\n",
        "UPDATE a SET ",
        "host,password\n",
        "<name>password</name>",
        "<value>",
        "/*",
        "//",
        "ansible_password=",
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


def texts(most: int = 60) -> st.SearchStrategy[bytes]:
    """Texts put together from pieces of every grammar."""
    return st.lists(PIECES, max_size=most).map(lambda pieces: "".join(pieces).encode())


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
LAUGHS = b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 30)
)
MEGA = 256 * 1024  # cost is linear in it
HOSTILE = {
    "deep flow": b"[" * 50_000,
    "deep map": b"{a: " * 50_000,
    "deep block": b"".join(b" " * i + b"a:\n" for i in range(1500)),
    "billion laughs": LAUGHS,
    "many events": b"[" + b"a," * 210_000 + b"]",  # more than are read
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
