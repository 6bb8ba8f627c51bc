"""Pieces of large JSON files that are far from all signs are passed over, and no finding with them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence

import pytest

from secopskit.detect.structure.signs import NAMED, USUAL, any_of
from secopskit.detect.structure.table import DETECTORS
from secopskit.detect.structure.trees import document, json_file
from secopskit.findings import Blob, Match
from secopskit.formats.trees import json_versions
from secopskit.formats.trees.json_idle import idle_pieces
from secopskit.formats.trees.json_versions import JsonVersions
from support.effort import costs_little
from support.values import alnum

TOKEN = alnum(32)
ROW = next(row for row in DETECTORS if row.name == "json")
PLAIN_KEYS = ("name", "value", "env", "data", "kind", "items", "list", "args", "title", "type", "source", "a")
KEYS = (
    "password",
    "token",
    "DB_PASSWORD",
    "secret",
    "auth",
    "key",
    "hash",
    "encryption",
    "author",
    "secrets",
)
PLAIN_TEXTS = ("plain", "v1", "string", TOKEN, TOKEN[:20], '{"a": "b"}', "{}", "false") * 3
TEXTS = (
    "{",
    "DB_PASSWORD",
    "Secret",
    "password",
    f"API_TOKEN={TOKEN}",
    f"postgres://app:{TOKEN}@db/a",
    f'{{"password": "{TOKEN}"}}',
    f"a=b\npassword={TOKEN}\n",
)


@pytest.fixture(autouse=True)
def _of_any_size(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(json_versions, "LARGE", 0)
    yield
    document._CLEAN.clear()


def scan(data: bytes, ends: Sequence[int] | None, monkeypatch: pytest.MonkeyPatch) -> list[Match]:
    document._CLEAN.clear()
    monkeypatch.setattr(json_file, "_VERSIONS", JsonVersions())
    return list(ROW.detect(Blob(path="settings.json", data=data), ends))


def ends_in(data: bytes) -> list[int]:
    return list(ROW.sign_ends(data))


def spared(data: bytes, ends: Sequence[int]) -> list[bytes]:
    return [data[one.span.start : one.span.end] for one in idle_pieces(data, ends)]


def made(rng: random.Random, keys: Sequence[str], texts: Sequence[str], depth: int) -> object:
    kind = rng.randrange(4) if depth else 0
    if kind == 1:
        return [made(rng, keys, texts, depth - 1) for _ in range(rng.randrange(4))]
    if kind > 1:
        return {rng.choice(keys): made(rng, keys, texts, depth - 1) for _ in range(rng.randrange(6))}
    return rng.choice(texts)


def written(rng: random.Random) -> bytes:
    keys = (*PLAIN_KEYS, *rng.sample(KEYS, rng.randrange(3)))
    texts = (*PLAIN_TEXTS, *rng.sample(TEXTS, rng.randrange(3)))
    parts = {f"part{number}": made(rng, keys, texts, 5) for number in range(6)}
    return json.dumps(parts, indent=rng.choice((1, 2, 4))).encode()


def test_a_file_without_its_idle_pieces_is_told_of_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, found, passed_over = random.Random(7), 0, 0
    for _ in range(500):
        data = written(rng)
        ends = ends_in(data)
        whole = scan(data, None, monkeypatch)
        assert scan(data, ends, monkeypatch) == (whole if ends else [])
        found += len(whole) if ends else 0
        passed_over += len(spared(data, ends)) if ends else 0
    assert found > 200
    assert passed_over > 1000


def test_versions_share_what_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_file, "_VERSIONS", JsonVersions())
    for number in range(4):
        idle = {f"entry{n}": {"title": TOKEN} for n in range(number)}
        data = json.dumps({"idle": idle, "db": {"password": TOKEN}, "more": {"a": "b"}}, indent=2).encode()
        document._CLEAN.clear()
        (match,) = ROW.detect(Blob(path="settings.json", data=data), ends_in(data))
        assert match.span.start == data.rfind(TOKEN.encode())


IDLE = '{\n  "a": {\n    "b": "c"\n  },\n  "d": {\n    %s\n  }\n}\n'


@pytest.mark.parametrize(
    ("inside", "is_idle"),
    [
        ('"b": "c"', True),
        ('"password": "x"', False),
        ('"b": "{\\"password\\": \\"x\\"}"', False),  # of a text that is JSON itself
        ('"key": "x"', False),
        ('"Key" : "x"', False),
        ('"b": "{"', False),  # its end may be another one
        ('"author": "x"', True),
    ],
)
def test_what_is_idle(inside: str, *, is_idle: bool) -> None:
    data = (IDLE % inside).encode()
    assert len(spared(data, ends_in(data))) == 1 + is_idle


def test_what_stands_beside_a_sign_is_not_idle_nor_what_is_below_one() -> None:
    beside = b'{\n  "a": {\n    "b": "c"\n  },\n  "token": "x"\n}\n'
    below = b'{\n  "a": {\n    "b": "c"\n  },\n  "token": {\n    "d": {\n      "e": "f"\n    }\n  }\n}\n'
    assert spared(beside, ends_in(beside)) == []
    assert spared(below, ends_in(below)) == [b'{\n    "b": "c"\n  }']


def records(number: int, more: str = "") -> str:
    return ",\n".join(f'    {{\n      "a": "{n}"{more}\n    }}' for n in range(number))


def test_items_that_follow_one_another_are_one_piece() -> None:
    sign = '    {\n      "password": "x"\n    }'
    data = f'{{\n  "list": [\n{records(50)},\n{sign},\n{records(70)}\n  ]\n}}\n'.encode()
    assert spared(data, ends_in(data)) == [one.strip().encode() for one in (records(50), records(70))]


@pytest.mark.parametrize(
    "between",
    [
        '\n  ], "b": [\n',  # another list
        '\n ], "b": [ "c",\n',
        '], "b": [\n',
        ',\n    "c"], "b": [\n',
        ',\n    {"c": "d"}, {\n    }], "b": [\n',
        ",\n\n",  # an empty line: whatever that is
        ', "d": "{",\n',
        ',\n    {\n      "a": "{"\n    },\n',
    ],
)
def test_what_is_no_run_of_items_is_not_one_piece(between: str) -> None:
    lists = f"{records(2)}{between}{records(2)}"
    data = f'{{"a": [\n{lists}\n  ],\n  "e": {{\n    "token": "x"\n  }}\n}}\n'.encode()
    pieces = spared(data, ends_in(data))
    assert pieces
    assert all(between not in piece.decode() for piece in pieces)


def test_a_long_list_of_records_is_told_of_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(8)
    for _ in range(50):
        plain = [{"name": "a", "value": rng.choice(("plain", TOKEN, "{}"))} for _ in range(40)]
        plain[rng.randrange(40)] = {"name": "DB_PASSWORD", "value": TOKEN}
        plain[rng.randrange(40)]["password"] = TOKEN
        data = json.dumps({"env": plain, "other": [plain, plain[::-1]]}, indent=rng.choice((1, 2))).encode()
        whole = scan(data, None, monkeypatch)
        assert scan(data, ends_in(data), monkeypatch) == whole != []
        assert len(spared(data, ends_in(data))) < 20


def test_a_file_with_a_comment_over_lines_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'{\n  "a": { /*\n  "b": {\n  */ "password": "%s"\n  }\n}\n' % TOKEN.encode()
    assert scan(data, [len(data)], monkeypatch) == scan(data, None, monkeypatch) != []


@pytest.mark.parametrize(
    "data",
    [
        b'\n  "a": {' * 100_000 + b"\n",
        b'\n  "a": {\n  }' * 100_000,
        b"".join(b'\n%b"a": {' % (b" " * (n % 60 + 1)) for n in range(100_000)),
        b'\n "a": {' * 50_000 + b"\n }" * 50_000,
        b"[" + b'\n {\n  "a": "b"\n },' * 50_000 + b"]",
        b"[" + b"\n {\n\n }," * 50_000 + b"]",
        b"[" + b"\n {\n }, [" * 50_000 + b"]",
    ],
)
def test_a_hostile_file_is_looked_through_a_few_times_at_most(data: bytes) -> None:
    for ends in (range(0, len(data), 50), [len(data) - 1]):
        costs_little(lambda ends=ends: spared(data, ends), 2)  # type: ignore[misc]  # a default, not inferred


@pytest.mark.parametrize("name", ["author", "Authors", "co-author"])
@pytest.mark.parametrize("line", ['"{}": "x"', "{} = x", "<{}>"])
def test_an_author_is_no_sign_of_a_setting(name: str, line: str) -> None:
    assert re.search(any_of(list(USUAL)), line.format(name)) is None


@pytest.mark.parametrize(
    "name", ["auth", "author_token", "authority", "authorization", "authors2", "oauth", "auth.x", "authToken"]
)
@pytest.mark.parametrize("line", ['"{}": "x"', "{} = x", "<{}>", "name: {}\n  value: x"])
def test_other_names_that_begin_so_are(name: str, line: str) -> None:
    assert re.search(any_of([NAMED]), line.format(name))
