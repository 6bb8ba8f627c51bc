"""Hostile content, through all detectors: no exception, and a time that is bounded."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import Blob
from secopskit.scan.content.detectors import Detectors
from support.effort import costs_little, seconds_of
from support.engines import detectors, examples, forgetful, rules

PATHS = (
    "a.txt",
    "a.py",
    ".env",
    ".env.production",
    "docker-compose.yml",
    "values.yaml",
    "odoo.conf",
    "my.ini",
    "Dockerfile",
    "secret.yaml",
    ".github/workflows/ci.yml",
    "main.tf",
    "prod.tfvars",
    "package.json",
    "a.toml",
    "app.properties",
    "web.config",
    "pom.xml",
    "run.sh",
    "dump.sql",
    ".netrc",
    ".pgpass",
    ".git-credentials",
    ".npmrc",
    ".pypirc",
    "settings.py",
    "wp-config.php",
    "shadow",
    ".htpasswd",
    "notebook.ipynb",
    "master.key",
)
# Generous: what is quadratic takes minutes.
SECONDS = 20.0
LONG = 250_000  # bytes of a line: what is quadratic shows


def _examine(path: str, data: bytes, using: Detectors | None = None) -> None:
    for occurrence in (using or detectors("auto")).examine(Blob(path=path, data=data)):
        assert 1 <= occurrence.line <= occurrence.end_line
        assert occurrence.column >= 1


def _examine_in_time(path: str, data: bytes, what: str) -> None:
    costs_little(lambda: _examine(path, data, forgetful("auto")), SECONDS, what=what)


_tokens = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b"<",
        b">",
        b"</a>",
        b'"',
        b"'",
        b":",
        b": ",
        b"=",
        b"- ",
        b"\n",
        b"  ",
        b"\t",
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!python/object:os.system",
        b"---\n",
        b"#",
        b"\\",
        b"%",
        b"${",
        b"$(",
        b"`",
        b"password",
        b"SECRET_KEY",
        b"<!ENTITY a 'b'>",
        b"&a;",
        b"<![CDATA[",
        b"]]>",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"kind: Secret",
        b"data:",
        b"environment:",
        b"ENV ",
        b"[section]",
        b'"""',
        b"<<EOF\n",
        b"EOF\n",
        b"0x",
        b"1e999",
        b".inf",
        b"2001-99-99",
    ]
)


@given(path=st.sampled_from(PATHS), parts=st.lists(_tokens | st.binary(max_size=9), max_size=40))
def test_random_content(path: str, parts: list[bytes]) -> None:
    _examine(path, b"".join(parts))


@given(
    path=st.sampled_from(PATHS), example=st.sampled_from(examples()), cut=st.integers(0, 200), data=st.data()
)
def test_broken_examples(
    path: str, example: tuple[object, str, bytes], cut: int, data: st.DataObject
) -> None:
    text = bytearray(example[2][:cut])
    for _ in range(data.draw(st.integers(0, 3))):
        if text:
            text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    _examine(path, bytes(text))


def _deep(opening: bytes, closing: bytes, inside: bytes = b"1") -> bytes:
    return opening * 50_000 + inside + closing * 50_000


HOSTILE = {
    "laughs.yml": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 112))
    + b"password: *o\n",
    "laughs.xml": b"<!DOCTYPE a [<!ENTITY b 'x'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (n, b"&%c;" % (n - 1) * 9) for n in range(99, 112))
    + b"]><a password='&o;'/>",
    "merges.yml": b"a: &a {password: x}\n" + b"b: &a {<<: *a, <<: *a}\n" * 2000,
    "loop.yml": b"a: &a {password: secret, a: *a}\n",
    "deep.json": _deep(b'{"password":', b"}"),
    "list.json": _deep(b"[", b"]"),
    "deep.yml": _deep(b"[", b"]"),
    "flow.yml": _deep(b"{a: ", b"}"),
    "steps.yml": b"".join(b" " * n + b"password:\n" for n in range(1500)),
    "deep.toml": b"a = " + _deep(b"[", b"]"),
    "tables.toml": b"[" + b"a." * 50_000 + b"b]\npassword = 'x'\n",
    "deep.xml": _deep(b"<password>", b"</password>"),
    "open.xml": b"<a " * 50_000,
    "open.json": b'{"password": "' + b"\\" * 100_000,
    "main.tf": _deep(b"password = {", b"}"),
    "run.sh": b"export PASSWORD=" + b"$(" * 50_000,
    ".env": b"PASSWORD='" + b"\\'" * 100_000,
    "Dockerfile": b"ENV PASSWORD=a \\\n" * 5_000,
    "dump.sql": b"CREATE ROLE a PASSWORD '" + b"''" * 100_000,
    "docker-compose.yml": b"x: ${A:-" * 20_000,
    "my.ini": b"[a]\npassword=\n " * 20_000,
    "notebook.ipynb": b'{"cells":[' + b'{"source":["password=1",' * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_bombs(name: str) -> None:
    for data in (HOSTILE[name], HOSTILE[name][: len(HOSTILE[name]) // 2]):
        _examine_in_time(name, data, f"{len(data)} bytes")


_PIECES = (
    b"password=",
    b"key: ",
    b"secret ",
    b"token'",
    b'"',
    b"'",
    b" ",
    b"\t",
    b"=",
    b"\\",
    b"/",
    b"-",
    b".",
    b"://",
    b"@:",
    b"a:b@",
    b"A",
    b"a0",
    b"=> ",
    b"-----BEGIN ",
    b"eyJ.",
    b"AKIA",
    b"ghp_",
    b"%3D",
    b"%20",
    b"\r",
    b"${",
    b"{{",
    b"-u ",
    b"curl -u ",
    b"mysql -p",
    b"secops: allow ",
    b"gitleaks:allow ",
    b"_",
    b"0",
    b"\xc3\xa9",
)


@pytest.mark.parametrize(
    "number", range(len(_PIECES)), ids=lambda n: _PIECES[n].decode("latin-1").strip() or "blank"
)
def test_a_long_line(number: int) -> None:
    piece = _PIECES[number]
    data = (piece * (LONG // len(piece)))[:LONG]
    for path in ("a.txt", ".env", "docker-compose.yml", "run.sh"):
        _examine_in_time(path, data, path)


def _hostile_lines(expression: str, example: bytes) -> Iterator[bytes]:
    """Texts that a rule almost matches, again and again."""
    words = re.findall(rb"[A-Za-z_]{3,20}", example)[:2]
    middle = example[: max(len(example) - 3, 1)]
    for piece in (
        middle,
        b" ".join(words) + b" = ",
        b"=".join(words) + b'"' * 9,
        *(word + b" " for word in words),
    ):
        yield piece or b"x"


def test_no_rule_is_slow_on_texts_made_against_it() -> None:
    """Each rule by itself, on a line of almost-matches: twice the line, twice the time, not four times."""
    rng = random.Random(7)
    slow: dict[str, tuple[float, float]] = {}
    first = {example.rule.id: example.data for example in reversed(examples()) if example.rule.pattern}
    for rule in rules():
        if not rule.pattern:
            continue
        regex = rule.compiled()
        for piece in _hostile_lines(rule.expression, first[rule.id]):
            ending = bytes(rng.choices(b"aZ09 _-.", k=1))
            search = partial(_search, regex, piece + ending)
            if seconds_of(partial(search, 40_000)) > 0.25:
                costs_little(partial(search, 40_000), 2.0, what=rule.id)
                if growth := _bad_growth(search):
                    slow[rule.id] = growth
    assert not slow, "slow on hostile text: " + ", ".join(
        f"{k} {a:.2f}s {b:.2f}s" for k, (a, b) in slow.items()
    )


def _search(regex: re.Pattern[bytes], piece: bytes, size: int) -> None:
    data = (piece * (size // len(piece) + 1))[:size]
    for _ in regex.finditer(data):
        pass


def _bad_growth(search: Callable[[int], None]) -> tuple[float, float] | None:
    """The least seconds that a line and twice the line took, where that grows too much each time."""
    one = two = math.inf
    for _ in range(3):  # others may take the processor in the middle of it
        one = min(one, seconds_of(partial(search, 20_000)))
        two = min(two, seconds_of(partial(search, 40_000)))
        if two <= 0.25 or two <= 3 * one:
            return None
    return one, two
