"""A value in any writing: any part of it escaped, cut in pieces, wrapped. What is left still parses."""

from __future__ import annotations

import ast
import base64
import csv
import html
import io
import json
import quopri
import re
import shlex
import sqlite3
import textwrap
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from random import Random
from typing import NamedTuple

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secopskit.purge.model import PurgeTarget, Style
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.purge.values.written import search as written
from secopskit.purge.values.written.layers import units_in_layers
from secopskit.purge.values.written.units import BEGINNINGS, beginnings_of
from secopskit.secret import SecretValue
from support.engines import ENGINES
from support.values import alnum

# In base64 letters, as storage keys are; with all that some format escapes; of words.
VALUES = (
    f"{alnum(12)}+{alnum(9)}/{alnum(14)}==",
    f"p\"a's$w`%{alnum(6)}é ☃&<d\\k\U0001f511{alnum(4)}",
    f"correct horse {alnum(5)} staple",
    f'"""All that a {alnum(5)} module has, "quoted"',
)
REMOVED = "***REMOVED***"
PLAIN = st.text(st.sampled_from("abcXYZ019 .,:;_-()"), max_size=20)
SEEDS = st.integers(0, 10_000)


@cache
def searching(*values: str, engine: str = "auto", style: Style = Style.TEXT) -> ValueMatcher:
    return ValueMatcher(
        [
            PurgeTarget(
                number=number, value=SecretValue(value.encode()), label="", fingerprint="", style=style
            )
            for number, value in enumerate(values, 1)
        ],
        engine=engine,
    )


def escaped(value: str, seed: int, must: Mapping[str, str], write: Callable[[str], str]) -> str:
    """`value` where what `must` be is escaped, and of the rest one sign, some or all by `write`."""
    random = Random(seed)
    share, sure = random.choice((0.0, 0.5, 1.0)), random.randrange(len(value))
    return "".join(
        write(sign) if number == sure or random.random() < share else must.get(sign, sign)
        for number, sign in enumerate(value)
    )


def as_json(value: str, seed: int) -> str:
    def write(sign: str) -> str:
        raw = sign.encode("utf-16-be")
        form = ("\\u%04x", "\\u%04X")[seed % 2]
        return "".join(form % int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))

    slash = {"/": "\\/"} if seed % 3 else {}
    return escaped(value, seed, {'"': '\\"', "\\": "\\\\", **slash}, write)


def as_python(value: str, seed: int) -> str:
    def write(sign: str) -> str:
        point = ord(sign)
        narrow = (f"\\x{point:02x}", f"\\{point:03o}") if point < 0x100 else ()
        ways: list[str] = [f"\\U{point:08x}", *narrow]
        return ways[seed % len(ways)]

    return escaped(value, seed, {"'": "\\'", '"': '\\"', "\\": "\\\\"}, write)


def as_xml(value: str, seed: int) -> str:
    form = ("&#%d;", "&#x%x;", "&#x%X;", "&#0%d;", "&#x00%x;")[seed % 5]
    return escaped(value, seed, {"&": "&amp;", "<": "&lt;", '"': "&quot;"}, lambda sign: form % ord(sign))


def as_url(value: str, seed: int) -> str:
    form = ("%%%02x", "%%%02X")[seed % 2]
    must = {sign: urllib.parse.quote(sign, safe="") for sign in value}
    return escaped(value, seed, must, lambda sign: "".join(form % byte for byte in sign.encode()))


def as_yaml(value: str, seed: int) -> str:
    return escaped(value, seed, {'"': '\\"', "\\": "\\\\"}, lambda sign: f"\\U{ord(sign):08x}")


def sql_read(text: str) -> str:
    with sqlite3.connect(":memory:") as database:
        return str(database.execute(f"select {text}").fetchone()[0])


class Writing(NamedTuple):
    """A way of writing: a text with the value in it, and what its format makes of that."""

    around: str
    write: Callable[[str, int], str]
    read: Callable[[str], str]


WRITINGS = {
    "json": Writing('{"k": "%s"}', as_json, lambda text: json.loads(text)["k"]),
    "json in json": Writing(
        "%s",
        lambda value, seed: json.dumps(f'["{as_json(value, seed)}"]'),
        lambda text: json.loads(json.loads(text))[0],
    ),
    "python": Writing("k = '%s'", as_python, lambda text: ast.literal_eval(text[4:])),
    "xml": Writing('<a b="%s"/>', as_xml, html.unescape),
    "xml in xml": Writing(
        "<a>%s</a>", lambda v, s: html.escape(as_xml(v, s)), lambda t: html.unescape(html.unescape(t))
    ),
    "url": Writing("u=%s", as_url, urllib.parse.unquote),
    "url in url": Writing(
        "u=%s",
        lambda value, seed: as_url(value, seed).replace("%", "%25"),
        lambda text: urllib.parse.unquote(urllib.parse.unquote(text)),
    ),
    "sql": Writing("'%s'", lambda value, _seed: value.replace("'", "''"), sql_read),
    "csv": Writing(
        '"%s"', lambda v, _seed: v.replace('"', '""'), lambda text: next(csv.reader(io.StringIO(text)))[0]
    ),
    "yaml, single": Writing(
        "k: '%s'", lambda v, _seed: v.replace("'", "''"), lambda text: yaml.safe_load(text)["k"]
    ),
    "yaml, double": Writing('k: "%s"', as_yaml, lambda text: yaml.safe_load(text)["k"]),
    "shell": Writing("'%s'", lambda v, _seed: v.replace("'", "'\\''"), lambda text: shlex.split(text)[0]),
    "shell, other quotes": Writing(
        "'%s'", lambda v, _s: v.replace("'", "'\"'\"'"), lambda text: shlex.split(text)[0]
    ),
    "shell, backslashes": Writing(
        "%s", lambda v, _seed: shlex_backslashes(v), lambda text: shlex.split(text)[0]
    ),
    "quoted-printable": Writing(
        "k: %s",
        lambda value, _seed: quopri.encodestring(("x" * 50 + value).encode()).decode(),
        lambda text: quopri.decodestring(text.encode()).decode(),
    ),
}

WRITINGS |= {
    "json in html": Writing(
        '<a b="%s"/>',
        lambda value, _seed: html.escape(json.dumps([value])),
        lambda text: json.loads(html.unescape(text[6:-3]))[0],
    ),
    "json in a url": Writing(
        "%s",
        lambda value, _seed: urllib.parse.quote_plus(json.dumps([value])),
        lambda text: json.loads(urllib.parse.unquote_plus(text))[0],
    ),
    "xml in json that spares html": Writing(
        "%s",
        lambda value, _seed: json.dumps(html.escape(value)).replace("&", "\\u0026"),
        lambda text: html.unescape(json.loads(text)),
    ),
    "csv in json": Writing(
        "%s",
        lambda value, _seed: json.dumps('"' + value.replace('"', '""') + '"'),
        lambda text: next(csv.reader(io.StringIO(json.loads(text))))[0],
    ),
    "sql in a shell": Writing(
        "%s",
        lambda value, _seed: shlex.quote("'" + value.replace("'", "''") + "'"),
        lambda text: sql_read(shlex.split(text)[0]),
    ),
    "octal, no digit more than needed": Writing(
        "k = '%s'",
        lambda value, _seed: re.sub(r"[^\w](?![0-7])", lambda sign: short_octal(sign[0]), value),
        lambda text: ast.literal_eval(text[4:]),
    ),
}


def short_octal(sign: str) -> str:
    return f"\\{ord(sign):o}" if sign.isascii() else sign


def shlex_backslashes(value: str) -> str:
    return "".join(sign if sign.isalnum() or not sign.isascii() else f"\\{sign}" for sign in value)


@pytest.mark.parametrize("writing", WRITINGS)
@given(value=st.sampled_from(VALUES), seed=SEEDS)
@settings(max_examples=25)
def test_any_part_of_a_value_may_be_escaped(writing: str, value: str, seed: int) -> None:
    """It is found, the text still parses, and the value is not what it reads."""
    case = WRITINGS[writing]
    text = case.around % case.write(value, seed)
    assert value in case.read(text)
    search = searching(value)
    assert search.contains(text.encode()) == (1,)
    clean = search.redact(text.encode()).decode()
    assert search.contains(clean.encode()) == ()
    read = case.read(clean)
    assert REMOVED in read
    assert not any(value[at : at + 6] in read for at in range(len(value) - 5))


@given(value=st.sampled_from((VALUES[0], VALUES[2])), first=st.integers(1, 20), quote=st.sampled_from("\"'"))
@example(value=VALUES[0], first=1, quote="'")
@settings(max_examples=40)
def test_a_value_cut_in_two(value: str, first: int, quote: str) -> None:
    search, parts = searching(value), (value[:first], value[first:])
    for between in (" ", " +\n    ", "\n  f", "\r\n\t"):
        text = f"k = ({quote}{parts[0]}{quote}{between}{quote}{parts[1]}{quote})\n"
        clean = search.redact(text.encode())
        assert search.contains(text.encode()) == (1,)
        assert clean.count(b"\n") == text.count("\n")
        for content, expected in ((text.encode(), value), (clean, REMOVED)):
            compiled: dict[str, str] = {}
            exec(compile(content, "k", "exec"), compiled)
            assert compiled["k"] == expected
    for between in (" + # why\n  ", "  # why\n  "):
        text = f"k = ({quote}{parts[0]}{quote}{between}{quote}{parts[1]}{quote})\n"
        assert len(value) - 10 < first or first < 6 or search.contains(text.encode()) == (1,)
    assert search.redact(f'k={parts[0]}"{parts[1]}"'.encode()) == f'k={REMOVED}""'.encode()
    for end in ("\\\n", "\\\r\n", "`\n", "=\n", "^\r\n"):
        text = f'k="{parts[0]}{end}{parts[1]}"'
        assert search.redact(text.encode()) == f'k="{REMOVED}{end}"'.encode()


@given(
    value=st.sampled_from(VALUES),
    before=st.integers(0, 80),
    width=st.integers(8, 100),
    end=st.sampled_from(("\n", "\r\n", "\n      ", "\\n", "\n# ", "\n// ", '" +\n "')),
    utf16=st.booleans(),
)
@settings(max_examples=60)
def test_base64_wrapped_at_any_width(value: str, before: int, width: int, end: str, utf16: bool) -> None:
    encoding = "utf-16-le" if utf16 else "utf-8"
    whole = base64.b64encode(("." * before + value + " end").encode(encoding)).decode()
    text = end.join(whole[at : at + width] for at in range(0, len(whole), width))
    search = searching(value)
    assert search.contains(text.encode()) == (1,)
    clean = search.redact(text.encode()).decode()
    read = base64.b64decode(clean.replace(end, ""), validate=True).decode(encoding, "replace")
    assert read.startswith("." * (before - 3))
    assert read.endswith(" end")
    assert not any(value[at : at + 6] in read for at in range(len(value) - 5))


@given(value=st.sampled_from(VALUES), texts=st.lists(PLAIN, max_size=6), cut=st.integers(1, 9))
@settings(max_examples=30)
def test_what_does_not_decode_to_a_value_is_none(value: str, texts: list[str], cut: int) -> None:
    """Parts of the value, escaped or not, in an order that is not its own."""
    search = searching(value)
    parts = [value[cut:], *texts, value[:cut]]
    for write in (as_json, as_python, as_xml, as_url):
        for text in ("".join(parts), " ".join(write(part, cut) for part in parts if part)):
            if value not in text:
                assert search.contains(text.encode()) == ()
                assert search.redact(text.encode()) == text.encode()


@given(
    value=st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=8, max_size=24),
    write=st.sampled_from((as_json, as_python, as_xml, as_url)),
    seed=SEEDS,
    around=st.text(max_size=12),
)
@settings(max_examples=12)
def test_both_engines_find_the_same(
    value: str, write: Callable[[str, int], str], seed: int, around: str
) -> None:
    one, other = (searching.__wrapped__(value, engine=engine) for engine in ENGINES)
    for text in (
        around + write(value, seed) + around,
        write(value[1:], seed),
        value[:5] + "\\\n" + value[5:],
    ):
        assert one.hits(text.encode()) == other.hits(text.encode())


def test_values_that_overlap_leave_nothing() -> None:
    one, other = f"abcd{alnum(12)}", alnum(8)
    shared = one[-6:] + other
    search = searching(one, shared)
    text = f"x {one}{other} y".encode()
    assert search.contains(text) == (1, 2)
    assert search.redact(text) == f"x {REMOVED} y".encode()
    assert [hit.numbers for hit in search.spans(text)] == [(1, 2)]
    encoded = base64.b64encode(b"x" + one.encode() + other.encode() + b" y")
    clean = search.redact(encoded)
    assert len(clean) == len(encoded)
    assert base64.b64decode(clean).startswith(b"x")
    assert not any(part[:6].encode() in base64.b64decode(clean) for part in (one, other, shared))
    half = one[:6] + "".join(f"\\u{ord(sign):04x}" for sign in one[6:] + other)
    assert json.loads(search.redact(f'"{half}"'.encode())) == REMOVED
    assert search.redact(f"{one}{one}".encode()) == REMOVED.encode() * 2


def test_a_style_that_keeps_the_length_keeps_what_joins_the_pieces() -> None:
    value = VALUES[0]
    text = f"k = ('{value[:15]}'\n  '{value[15:]}')\n".encode()
    clean = searching(value, style=Style.LENGTH).redact(text)
    assert len(clean) == len(text)
    assert ast.literal_eval(clean[4:].decode()).strip("*") == ""


def test_a_key_of_many_lines_escaped_by_another_program() -> None:
    body = "\n".join(textwrap.wrap(alnum(200) + "+/" + alnum(40), 64))
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    text = json.dumps({"k": key}).replace("+", "\\u002B").replace("\\n", "\\u000a").encode()
    assert json.loads(searching(key).redact(text))["k"].strip() == REMOVED


def test_a_search_is_not_slowed_by_what_is_nearly_a_value() -> None:
    """Backslashes among backslashes: the time is not that of all ways to cut them into escapes."""
    value = "\\" * 4 + alnum(8) + "x"
    nearly = b"\\" * 300 + value[4:-1].encode() + b"\\u0065"  # an e
    assert searching(value).contains(nearly * 3) == ()
    assert searching(value).contains(nearly + b"\\" * 60 + value[4:].encode()) == (1,)


def test_what_ends_as_a_value_does_is_not_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that a value ends with are everywhere; before them stands neither more of it, nor a join."""
    windows = list[bytes]()
    reading = written._read_in

    def counting(text: written.SoughtText, window: bytes) -> Iterator[tuple[int, int]]:
        windows.append(window)
        return reading(text, window)

    monkeypatch.setattr(written, "_read_in", counting)
    value = f"{alnum(9)} special application"
    prose = f"of an application ({alnum(3)}), the application's application, aspecial application\n" * 50
    assert searching(value).hits(prose.encode()) == []
    assert windows == []
    (hit,) = searching(value).hits(f"{prose}{value[:14]}\\\n{value[14:]}".encode())
    assert hit.end - hit.start == len(value) + 2
    assert len(windows) == 1


@pytest.mark.parametrize("between", ["\n#", "\r\n  //", "\n > ", "\n*", "\\n", "&#10;", "%0A", "\n\t"])
def test_a_line_end_however_written_may_stand_before_the_rest_of_a_value(between: str) -> None:
    first, rest = alnum(2), alnum(20)
    text = f"k: {first}{between}{rest} z"
    hits = searching(f"{first}\n{rest}").hits(text.encode())
    assert {(hit.start, hit.end) for hit in hits} == {(3, len(text) - 2)}


SIGNS: tuple[Callable[[str], str], ...] = (
    str,
    str,
    lambda sign: f"\\x{ord(sign):02x}",
    lambda sign: f"\\u{ord(sign):04X}",
    lambda sign: f"\\{ord(sign):03o}",
    lambda sign: f"%{ord(sign):02X}",
    lambda sign: f"%25{ord(sign):02x}",
    lambda sign: f"&#{ord(sign)};",
    lambda sign: f"&amp;#x{ord(sign):x};",
    lambda sign: f"={ord(sign):02X}",
    lambda sign: html.escape(json.dumps(sign)[1:-1]),
    lambda sign: sign * 2 if sign in "\"'" else sign,
    lambda sign: f"'\"{sign}\"'",
)
BETWEEN = ("", '" + "', "\\\n", '""', "' '", "=\n", "\n# ", "`\n  ", "'\n  f'", "\\", "x", ".. ")


@given(
    value=st.sampled_from((*VALUES, "ab\ncdefghijkl mnop", "two\r\nlines of it, and a third")),
    parts=st.lists(
        st.tuples(st.integers(1, 14), st.sampled_from(SIGNS), st.sampled_from(BETWEEN)), max_size=6
    ),
    before=st.text("\\\"'%&;=#x4Ia \n", max_size=5),
)
@settings(max_examples=150)
def test_a_look_at_what_stands_before_a_word_spares_nothing_that_is_one(
    value: str, parts: list[tuple[int, Callable[[str], str], str]], before: str
) -> None:
    rest: Callable[[str], str] = str
    text, at = before, 0
    for size, write, between in [*parts, (len(value), rest, "")]:
        text += "".join(write(sign) for sign in value[at : at + size]) + (
            between if at + size < len(value) else ""
        )
        at += size
    found = searching(value).hits(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(written, "_may_follow", lambda *_: True)
        assert searching(value).hits(text.encode()) == found


def test_what_was_read_in_one_version_of_a_file_is_known_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[int]()
    reading = written._is_read

    def counting(text: written.SoughtText, window: bytes, index: int) -> bool:
        read.append(index)
        return reading(text, window, index)

    monkeypatch.setattr(written, "_is_read", counting)
    value = f'"""Words of {alnum(5)} and more'
    lines = [f'"""Words of {alnum(4)}"""' + " " * 3000 for _ in range(20)]
    assert searching(value).hits("\n".join(lines).encode()) == []
    first = len(read)
    assert first >= 20
    lines[5] += "# changed"
    lines.append(f"{value[:9]}\\\n{value[9:]}")
    assert len(searching(value).hits("\n".join(lines).encode())) == 1
    assert len(read) - first <= 6


@given(
    st.sampled_from(sorted(BEGINNINGS)),
    st.binary(max_size=8),
    st.text("\\\"'&%#xu0123;amp`^=+ \n", max_size=12),
)
def test_a_unit_begins_as_is_known_of_what_it_stands_for(beginning: int, some: bytes, more: str) -> None:
    for unit in units_in_layers(bytes([beginning]) + more.encode() + some, 0):
        assert beginning in beginnings_of(unit.text[0]), unit


@pytest.mark.parametrize("engine", ENGINES)
def test_one_sign_of_a_value_in_quoted_printable(engine: str) -> None:
    for value in (f"{alnum(9)}=", f"={alnum(9)}", f"{alnum(5)}={alnum(5)}", f"{alnum(5)}é{alnum(5)}"):
        text = quopri.encodestring(f"k: {value} z".encode())
        search = searching(value, engine=engine)
        assert search.contains(text) == (1,)
        assert quopri.decodestring(search.redact(text)) == f"k: {REMOVED} z".encode()


@pytest.mark.parametrize("user", ["u:", "me:", "you:"])
def test_a_short_password_in_base64(user: str) -> None:
    value = alnum(8)
    text = base64.b64encode(f"{user}{value}".encode())
    clean = base64.b64decode(searching(value).redact(text))
    assert clean.startswith(user.encode())
    assert value[1:-1].encode() not in clean


@pytest.mark.parametrize("mark", ["'", '"'])
def test_a_mark_at_an_end_of_a_value_is_not_the_mark_around_it(mark: str) -> None:
    """Doubled or behind a backslash it is the value's, and the one beside it is the text's."""
    for value in (
        f"^{alnum(9)}=^{mark}",
        f"{mark}{alnum(9)}",
        f"\\{mark}{alnum(9)}\\{mark}",
        f"{mark * 2}-{mark}{alnum(9)}",
    ):
        search = searching(value)
        for doubled in (
            value.replace(mark, mark * 2),
            value.replace("\\", "\\\\").replace(mark, f"\\{mark}"),
        ):
            text = f"k = {mark}{doubled}{mark}, {mark}z{mark}"
            assert search.redact(text.encode()).decode() == f"k = {mark}{REMOVED}{mark}, {mark}z{mark}"


def test_a_value_in_which_something_looks_like_an_escape() -> None:
    value = f"%41{alnum(9)}%%08&lt;{alnum(4)}"
    search = searching(value)
    for text in (
        urllib.parse.quote(value).replace("a", "%61"),
        urllib.parse.quote(urllib.parse.quote(value)),
        html.escape(value).replace("8", "&#56;"),
    ):
        assert search.redact(text.encode()).strip(b"*").count(value[3:9].encode()) == 0
        assert search.contains(text.encode()) == (1,)
