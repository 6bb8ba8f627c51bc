"""Versions of one file: what was judged before is not judged again, and nothing else is told for that."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
import yaml

from secopskit.detect import witness
from secopskit.detect.judgement.judge import judge
from secopskit.detect.structure.table import DETECTORS
from secopskit.detect.structure.trees import document, json_file, yaml_file
from secopskit.findings import Blob, Match
from secopskit.formats.trees.json_versions import JsonVersions
from secopskit.formats.trees.yaml_versions import YamlVersions
from support.values import alnum

TOKEN = alnum(32)
INNOCENT = ("changeme", "${TOKEN}", "1.2.3", "true")
KEYS = ("password", "name", "value", "token", "env", "data", "kind", "items", "DB_PASSWORD", "list", "args")
TEXTS = (
    *INNOCENT,
    TOKEN,
    "DB_PASSWORD",
    "--password",
    f"API_TOKEN={TOKEN}",
    f"postgres://app:{TOKEN}@db/a",
    "a\nb",
)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget(monkeypatch)
    yield
    document._CLEAN.clear()


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    document._CLEAN.clear()
    monkeypatch.setattr(yaml_file, "_VERSIONS", YamlVersions())
    monkeypatch.setattr(json_file, "_VERSIONS", JsonVersions())


def scan(path: str, data: bytes) -> list[Match]:
    rows = [one for one in DETECTORS if one.is_format and one.wants(path)]
    return [match for row in rows for match in row.detect(Blob(path=path, data=data))]


def made(rng: random.Random, depth: int = 3) -> object:
    kind = rng.randrange(4) if depth else 0
    if kind == 1:
        return [made(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind > 1:
        return {rng.choice(KEYS): made(rng, depth - 1) for _ in range(rng.randrange(6))}
    return rng.choice(TEXTS)


def changed(rng: random.Random, node: object) -> object:
    """The same with one thing in it made anew."""
    if isinstance(node, dict) and node and rng.randrange(6):
        key = rng.choice(list(node))
        return {**node, key: changed(rng, node[key])}
    if isinstance(node, list) and node and rng.randrange(6):
        at = rng.randrange(len(node))
        return [*node[:at], changed(rng, node[at]), *node[at + 1 :]]
    return made(rng)


@pytest.mark.parametrize(
    "path", ["settings.json", "settings.yml", "docker-compose.yml", "tests/settings.yaml"]
)
def test_a_version_is_told_of_as_if_it_were_the_first(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng, document, found = random.Random(3), made(random.Random(3)), 0
    versions = []
    for _ in range(250):
        document = changed(rng, document)
        versions.append(json.dumps({"top": document, "more": 1}, indent=2).encode())
    together = [scan(path, data) for data in versions]
    for data, told in zip(versions, together, strict=True):
        forget(monkeypatch)
        assert scan(path, data) == told
        found += bool(told)
    assert 20 < found < 250


@pytest.mark.parametrize(
    "path", ["settings.yml", ".github/workflows/ci.yml", "docker-compose.yml", "settings.json"]
)
def test_versions_in_which_pieces_move_are_told_of_as_if_each_were_the_first(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, versions, found, displaced = random.Random(5), list[bytes](), 0, 0
    parts: dict[str, object] = {f"part{number}": made(rng) for number in range(12)}
    for _ in range(150):
        name = rng.choice(list(parts))
        parts[name] = changed(rng, parts[name])
        if rng.randrange(3):  # a finding is mended now and then, so that versions are clean
            parts = {key: value for key, value in parts.items() if TOKEN not in repr(value)} or parts
            script = rng.choice(("echo $TOKEN\nmake", "make\nmake all", f"export DB_PASSWORD={TOKEN}\nmake"))
            parts[f"part{rng.randrange(12)}"] = {"run": script, "kind": "plain"}
        lines = "\n" * rng.randrange(4)
        if path.endswith("json"):
            text = json.dumps(parts, indent=2)
        else:
            text = yaml.safe_dump(parts, sort_keys=False, width=200)
        versions.append((lines + text).encode())
        found += bool(scan(path, versions[-1]))
        displaced += yaml_file._VERSIONS.displaced or json_file._VERSIONS.displaced
    forget(monkeypatch)
    together = [scan(path, data) for data in versions]
    for data, told in zip(versions, together, strict=True):
        forget(monkeypatch)
        assert scan(path, data) == told
    assert 10 < found < 140
    assert displaced > 20


def test_a_finding_is_told_of_where_it_stands_though_its_piece_was_seen_elsewhere() -> None:
    clean, secret = b"a:\n  b: 1\n", f"c:\n  password: {TOKEN}\n".encode()
    for before in (b"", b"", b"# one\n", b"# one\n# two\n", b""):
        data = before + clean + secret
        (match,) = scan("settings.yml", data)
        assert data[match.span.start : match.span.end] == TOKEN.encode()


def test_what_stands_elsewhere_now_is_judged_again() -> None:
    piece = f"  list:\n  - {TOKEN}\n"
    assert scan("settings.yml", f"colours:\n{piece}".encode()) == []
    assert scan("settings.yml", f"colours:\n{piece}# again\n".encode()) == []
    renamed = f"colours:\n{piece.replace('list', 'passwords')}".encode()
    assert [match.span.start for match in scan("settings.yml", renamed)] == [renamed.find(TOKEN.encode())]


def test_what_is_let_pass_in_a_test_is_not_let_pass_elsewhere() -> None:
    data = b"db:\n  host: db\n  password: hunter2\n"
    for path, found in (("tests/settings.yml", 0), ("settings.yml", 1)):
        for comment in (b"", b"# one\n"):
            assert len(scan(path, comment + data)) == found


def test_what_is_let_pass_under_one_name_is_not_let_pass_under_another() -> None:
    below = "- filler: " + "x" * 1100 + f"\n- token: {TOKEN}\n"  # so large that it is read in pieces
    for name, found in (("dependencies", 0), ("settings", 1)):
        for comment in ("", "# one\n"):
            assert len(scan("settings.yml", f"{comment}{name}:\n{below}".encode())) == found


def test_what_was_clean_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = list[str]()

    def watched(settings: Iterator[object], *place: object, **options: object) -> Iterator[Match]:
        for setting in settings:
            judged.append(setting.key)  # type: ignore[attr-defined]  # a Setting
            yield from judge([setting], *place, **options)  # type: ignore[arg-type, list-item]  # passed on

    monkeypatch.setattr(document, "judge", watched)
    branches = {f"part{number}": {"token": "none", f"secret{number}": "a"} for number in range(9)}
    assert scan("a.json", json.dumps(branches).encode()) == []
    assert len(judged) == 18
    judged.clear()
    branches["part4"]["token"] = TOKEN
    for _ in range(2):  # what is found is found each time
        (match,) = scan("a.json", json.dumps(branches).encode())
        assert match.secret
        assert match.secret.reveal() == TOKEN.encode()
        assert set(judged) == {"token", "secret4"}
        judged.clear()
    scan("b/test/a.json", json.dumps(branches).encode())  # a test: all is judged by another measure
    assert len(set(judged)) == 10


def test_what_cannot_count_is_not_even_made_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = list[str]()

    def watched(settings: Iterator[object], *_place: object, **_options: object) -> Iterator[Match]:
        judged.extend(setting.key for setting in settings)  # type: ignore[attr-defined]  # Settings
        return iter(())

    monkeypatch.setattr(document, "judge", watched)
    plain = {"name": "a", "key": "b", "homepage": "https://c.example", "line": "d=e"}
    assert scan("a.json", json.dumps({**plain, "tokens": "f", "jwt": plain}).encode()) == []
    # An address, an assignment, and several of a kind; below an owner, a bare key too.
    assert judged == ["homepage", "line", "tokens", "key", "homepage", "line"]


def test_a_witness_is_told_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    data, told = json.dumps({"a": {"token": "none"}}).encode(), list[witness.Judged]()
    assert scan("a.json", data) == []
    with witness.witnessed(told.append):
        scan("a.json", data)
    assert [one.name for one in told] == ["token"]


def test_what_is_known_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_MOST_CLEAN", 5)
    for number in range(40):
        scan("a.json", json.dumps({"a": {"b": str(number)}}).encode())
        assert len(document._CLEAN) <= 5
