"""Baselines, ours and detect-secrets': what they accept, what they never hold, what they refuse."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import ConfigError, SecopsError
from secopskit.findings import Confidence, Finding, Location, Severity
from secopskit.known import baseline as baseline_module
from secopskit.known.baseline import Baseline, create
from secopskit.known.baseline_format import BaselineEntry
from secopskit.known.yelp_baseline import YelpBaseline
from secopskit.secret import Fingerprint, SecretValue
from support.effort import costs_little

TODAY = date(2030, 6, 15)
SALT = bytes(range(16))
RANDOM = random.Random(7)


def value(length: int = 24) -> str:
    return "".join(RANDOM.choice(string.ascii_letters + string.digits) for _ in range(length))


def at(path: str = "app/.env", line: int = 3) -> Location:
    return Location(path=path, line=line, end_line=line, column=1, end_column=9)


def finding(secret: str | bytes | None, *places: Location, rule: str = "rule-a") -> Finding:
    raw = secret.encode() if isinstance(secret, str) else secret
    return Finding(
        id="1",
        rule_id=rule,
        title="title",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        fingerprint=Fingerprint("0" * 32),
        preview="***",
        locations=places or (at(),),
        secret=None if raw is None else SecretValue(raw),
    )


# --- what is accepted ---------------------------------------------------------------------------


def test_what_was_accepted_stays_accepted_and_moves_with_its_line() -> None:
    secret = value()
    baseline = create([finding(secret)], today=TODAY, owner="ops", reason="test key")
    entry = baseline.covers(finding(secret), at(line=99), TODAY)
    assert entry is not None
    assert (entry.owner, entry.reason, entry.added, entry.line) == ("ops", "test key", TODAY, 3)


def test_a_value_in_a_path_is_not_in_the_file_and_its_place_stays_accepted() -> None:
    secret, other = value(), value()
    path = f"backup/{secret}-{other}/{secret}.sql"
    found = [finding(secret, at(path)), finding(other, at("b.py"))]
    baseline = create(found, today=TODAY, reason=f"was {secret}")
    text = baseline.dump().decode()
    assert secret not in text
    assert other not in text
    assert "backup/***-***/***.sql" in text
    assert "was ***" in text
    again = Baseline.parse(baseline.dump())
    assert again.covers(found[0], at(path), TODAY)
    assert again.covers(found[0], at(f"backup/{secret}/x/{secret}.sql"), TODAY) is None
    assert again.covers(finding(other), at(path), TODAY) is None
    assert again.update(found, today=date(2031, 1, 1)).dump() == baseline.dump()


def test_an_entry_from_before_keeps_its_reason_and_loses_the_value_in_its_path() -> None:
    secret = value()
    path = f"{secret}.sql"
    digest = SecretValue(secret.encode()).slow_digest(SALT)
    entry = BaselineEntry(rule_id="rule-a", path=path, digest=digest, line=1, added=TODAY, reason="old")
    old = Baseline(salt=SALT, entries=(entry,))
    new = old.update([finding(secret, at(path, line=4))], today=date(2031, 1, 1))
    assert [(one.path, one.reason, one.added, one.line) for one in new.entries] == [
        ("***.sql", "old", TODAY, 4)
    ]


@pytest.mark.parametrize(
    ("masked", "path", "known"),
    [
        ("***", "x", True),
        ("***", "", False),
        ("***", "a/b", False),
        ("a-***-b-***", "a-1-b-2", True),
        ("a-***-b-***", "a--b-", False),
        ("a-***-b-***", "a-1-c-2", False),
        ("x/***.py", "x/1.py", True),
        ("x/***.py", "y/1.py", False),
    ],
)
def test_a_masked_path_stands_for_one_directory_level(masked: str, path: str, known: bool) -> None:
    entry = BaselineEntry(rule_id="rule-a", path=masked, digest=None, line=1, added=TODAY)
    covered = Baseline(salt=SALT, entries=(entry,)).covers(finding(None), at(path), TODAY)
    assert (covered is not None) is known


def test_a_changed_password_is_reported() -> None:
    baseline = create([finding("odoo")], today=TODAY)
    assert baseline.covers(finding("odoo"), at(), TODAY)
    assert baseline.covers(finding("odoo2"), at(), TODAY) is None
    assert baseline.covers(finding(None), at(), TODAY) is None


def test_the_same_secret_elsewhere_or_under_another_rule_is_reported() -> None:
    secret = value()
    baseline = create([finding(secret)], today=TODAY)
    assert baseline.covers(finding(secret), at("other/.env"), TODAY) is None
    assert baseline.covers(finding(secret, rule="rule-b"), at(), TODAY) is None


def test_a_finding_without_a_secret_is_accepted_by_rule_and_path() -> None:
    baseline = create([finding(None, rule="dotenv-file")], today=TODAY)
    assert baseline.entries[0].digest is None
    assert baseline.covers(finding(None, rule="dotenv-file"), at(), TODAY)
    assert baseline.covers(finding(value(), rule="dotenv-file"), at(), TODAY) is None
    assert baseline.covers(finding(None, rule="dotenv-file"), at("b/.env"), TODAY) is None


@pytest.mark.parametrize(
    ("today", "held"), [(date(2030, 6, 14), True), (date(2030, 6, 15), True), (date(2030, 6, 16), False)]
)
def test_an_entry_holds_through_its_last_day(today: date, held: bool) -> None:
    digest = SecretValue(b"odoo").slow_digest(SALT)
    entry = BaselineEntry(
        rule_id="rule-a", path="app/.env", digest=digest, line=3, added=TODAY, expires=TODAY
    )
    baseline = Baseline(salt=SALT, entries=(entry,))
    assert (baseline.covers(finding("odoo"), at(), today) is not None) is held


def counted_digests(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []

    def digest(self: SecretValue, salt: bytes) -> str:
        calls.append(len(self))
        return hashlib.sha256(salt + self.to_wire()).hexdigest()

    monkeypatch.setattr(SecretValue, "slow_digest", digest)
    return calls


def test_digests_are_computed_only_where_the_baseline_looks_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    baseline = create([finding("odoo")], today=TODAY)
    calls = counted_digests(monkeypatch)
    for _ in range(3):
        baseline.covers(finding(value(), rule="rule-z"), at(), TODAY)
        baseline.covers(finding(value()), at("elsewhere"), TODAY)
    assert calls == []
    for _ in range(3):
        baseline.covers(finding("odoo"), at(), TODAY)
    assert len(calls) == 1


def test_a_repository_cannot_make_us_digest_for_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted_digests(monkeypatch)
    monkeypatch.setattr(baseline_module, "_FREE_DIGESTS", 5)
    baseline = create([finding("odoo")], today=TODAY, salt=SALT)
    calls.clear()
    for number in range(50):
        assert baseline.covers(finding(f"password{number}"), at(), TODAY) is None
    assert len(calls) == 9


# --- update -------------------------------------------------------------------------------------


def test_update_keeps_drops_and_adds() -> None:
    kept, dropped, added = value(), value(), value()
    old = create(
        [finding(kept), finding(dropped)], today=date(2029, 1, 1), owner="ops", reason="old", salt=SALT
    )
    new = old.update([finding(kept, at(line=70)), finding(added)], today=TODAY, owner="dev", reason="new")
    by_digest = {entry.digest: entry for entry in new.entries}
    assert new.salt == old.salt
    assert set(by_digest) == {SecretValue(text.encode()).slow_digest(SALT) for text in (kept, added)}
    first = by_digest[SecretValue(kept.encode()).slow_digest(SALT)]
    assert (first.reason, first.owner, first.added, first.line) == ("old", "ops", date(2029, 1, 1), 70)
    second = by_digest[SecretValue(added.encode()).slow_digest(SALT)]
    assert (second.reason, second.owner, second.added) == ("new", "dev", TODAY)


def test_update_leaves_alone_what_was_not_looked_at() -> None:
    secret = value()
    old = create([finding(secret, at("a/x"), at("b/x"))], today=TODAY, salt=SALT)
    assert [
        e.path for e in old.update([], today=TODAY, in_scope=lambda path: path.startswith("a/")).entries
    ] == ["b/x"]


def test_labels_go_on_new_entries_and_only_what_is_given() -> None:
    old = create([finding("old", at("a"))], today=date(2030, 1, 1), reason="first", owner="ops")
    new = old.update(
        [finding("old", at("a")), finding("new", at("b"))], today=date(2030, 2, 1), reason="kept"
    )
    labelled = new.labelled(old, owner="dev", expires=date(2031, 1, 1))
    assert [(e.path, e.reason, e.owner, e.expires) for e in labelled.entries] == [
        ("a", "first", "ops", None),
        ("b", "kept", "dev", date(2031, 1, 1)),
    ]


def test_one_entry_for_a_secret_that_stands_twice_in_a_file() -> None:
    baseline = create([finding(value(), at(line=9), at(line=4), at("b"))], today=TODAY)
    assert [(entry.path, entry.line) for entry in baseline.entries] == [("app/.env", 4), ("b", 3)]


# --- the file -----------------------------------------------------------------------------------


def test_the_file_holds_no_value_and_no_quick_digest_of_one(tmp_path: Path) -> None:
    secrets = [value(), "odoo", value(60)]
    file = tmp_path / "baseline.json"
    baseline = create([finding(secret) for secret in secrets], today=TODAY)
    baseline.save(file)
    text = file.read_text() + repr(baseline)
    for secret in secrets:
        raw = secret.encode()
        forms = [secret, base64.b64encode(raw).decode().rstrip("="), raw.hex()]
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            forms += [hashlib.new(name, raw).hexdigest(), hashlib.new(name, baseline.salt + raw).hexdigest()]
        assert not [form for form in forms if form in text]


def test_salts_differ_between_files() -> None:
    first, second = (create([finding("odoo")], today=TODAY) for _ in range(2))
    assert first.salt != second.salt
    assert first.entries[0].digest != second.entries[0].digest


def test_order_and_bytes_are_stable() -> None:
    secrets = [value() for _ in range(4)]
    there = create([finding(secret) for secret in secrets], today=TODAY, salt=SALT)
    back = create([finding(secret) for secret in reversed(secrets)], today=TODAY, salt=SALT)
    assert there.dump() == back.dump()
    assert there.dump().endswith(b"}\n")


dates = st.dates()
entries = st.builds(
    BaselineEntry,
    rule_id=st.from_regex(r"[a-z]{1,9}(-[a-z]{1,9}){0,3}", fullmatch=True),
    path=st.binary(max_size=30).map(os.fsdecode),
    digest=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
    line=st.integers(0, 2**40),
    reason=st.text(max_size=50),
    owner=st.text(max_size=50),
    expires=st.none() | dates,
    added=dates,
)


@given(st.binary(min_size=8, max_size=64), st.lists(entries, max_size=3))
def test_round_trip(salt: bytes, found: list[BaselineEntry]) -> None:
    baseline = Baseline(salt=salt, entries=tuple(found))
    again = Baseline.parse(baseline.dump())
    assert again == baseline
    assert again.dump() == baseline.dump()


def test_save_replaces_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    outside = tmp_path / "outside"
    outside.write_text("keep")
    file.symlink_to(outside)
    baseline = create([finding("odoo")], today=TODAY)
    baseline.save(file)
    assert outside.read_text() == "keep"
    assert Baseline.load(file) == baseline
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.json", "outside"]
    (tmp_path / "directory").mkdir()
    with pytest.raises(SecopsError, match="cannot be written"):
        baseline.save(tmp_path / "directory")
    with pytest.raises(SecopsError, match="cannot be written"):
        baseline.save(tmp_path / "missing" / "b.json")
    assert len(list(tmp_path.iterdir())) == 3


# --- hostile files ------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "rule_id": "a",
    "path": "b",
    "digest": "0" * 64,
    "line": 1,
    "reason": "",
    "owner": "",
    "expires": None,
    "added": "2030-01-01",
}


def document(**changes: Any) -> bytes:
    return json.dumps({"version": 1, "salt": "00" * 16, "entries": [GOOD | changes]}).encode()


BROKEN = {
    "empty": b"",
    "no json": b"{",
    "merge conflict": b"<<<<<<< HEAD\n{}\n=======\n",
    "not utf-8": b'{"version": "\xff"}',
    "deep": b"[" * 200_000,
    "huge number": b'{"version": ' + b"9" * 100_000 + b"}",
    "list": b"[]",
    "version": json.dumps({"version": 2, "salt": "00" * 16, "entries": []}).encode(),
    "version true": json.dumps({"version": True, "salt": "00" * 16, "entries": []}).encode(),
    "no salt": json.dumps({"version": 1, "entries": []}).encode(),
    "salt": json.dumps({"version": 1, "salt": "zz" * 16, "entries": []}).encode(),
    "odd salt": json.dumps({"version": 1, "salt": "0" * 17, "entries": []}).encode(),
    "entries": json.dumps({"version": 1, "salt": "00" * 16, "entries": {}}).encode(),
    "too many": json.dumps({"version": 1, "salt": "00" * 16, "entries": [0] * 20_001}).encode(),
    "entry": json.dumps({"version": 1, "salt": "00" * 16, "entries": [[]]}).encode(),
    "unknown field": document(value="x"),
    "digest": document(digest="abc"),
    "digest type": document(digest=5),
    "line": document(line=-1),
    "line type": document(line="1"),
    "path type": document(path=None),
    "reason": document(reason="x" * 5000),
    "date": document(added="yesterday"),
    "date type": document(expires=20300101),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_garbled_baseline_is_a_config_error(tmp_path: Path, name: str) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(BROKEN[name])
    with pytest.raises(ConfigError, match=r"b\.json: ") as caught:
        Baseline.load(file)
    assert caught.value.advice
    assert len(str(caught.value)) < len(str(file)) + 200


def test_a_good_document_is_read() -> None:
    assert Baseline.parse(document()).entries[0].digest == "0" * 64
    assert Baseline.parse(document()).entries[0].key == ("a", "b", "0" * 64)


def test_links_out_and_missing_files(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (tmp_path / "outside").write_bytes(document())
    (root / "b.json").symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match="leads out"):
        Baseline.load(root / "b.json", within=root)
    with pytest.raises(ConfigError, match="cannot be read"):
        Baseline.load(root / "nope.json", within=root)


# --- detect-secrets' own ------------------------------------------------------------------------


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def yelp(*found: dict[str, Any], path: str = "app/.env", **more: Any) -> YelpBaseline:
    return YelpBaseline.parse(
        json.dumps({"version": "1.5.0", "results": {path: list(found)}, **more}).encode()
    )


def row(text: str, kind: str = "Secret Keyword", **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "filename": "app/.env",
        "hashed_secret": sha1(text),
        "is_verified": False,
        "line_number": 3,
        **more,
    }


def test_the_same_value_in_the_same_file_is_accepted_whatever_the_rule() -> None:
    secret = value()
    old = yelp(row(secret, is_secret=False))
    entry = old.covers(finding(secret, rule="anything"), at(line=50))
    assert entry is not None
    assert entry.reason == "from .secrets.baseline: Secret Keyword, audited as a false positive"
    assert old.covers(finding(secret), at("other")) is None
    assert old.covers(finding(value()), at()) is None
    assert old.covers(finding(None), at()) is None


def test_windows_paths_are_understood() -> None:
    assert yelp(row("hunter22"), path="app\\.env").covers(finding("hunter22"), at())


@pytest.mark.parametrize(
    ("kind", "hashed", "secret"),
    [
        ("Azure Storage Account access key", "AccountKey=k3y", "k3y"),
        ("Artifactory Credentials", '"AKCabc"', "AKCabc"),
        ("JSON Web Token", "eyJa.eyJb.", "eyJa.eyJb.sig"),
        ("Stripe Access Key", "s" * 32, "s" * 99),
    ],
)
def test_what_detect_secrets_hashed_instead_of_the_value(kind: str, hashed: str, secret: str) -> None:
    assert yelp(row(hashed, kind)).covers(finding(secret), at())
    assert yelp(row(hashed)).covers(finding(secret), at()) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [("GitHub Token", "ghp"), ("GitLab Token", ""), ("Private Key", "BEGIN RSA PRIVATE KEY")],
)
def test_an_entry_that_identifies_no_value_accepts_nothing_but_migrates_by_line(kind: str, text: str) -> None:
    old = yelp(row(text, kind))
    for secret in (value(), text):
        assert old.covers(finding(secret), at()) is None
    secret = value()
    migration = old.migrate([finding(secret, at(), at(line=8)), finding(value(), at(line=9))], today=TODAY)
    assert [entry.line for entry in migration.baseline.entries] == [3]
    assert migration.unmatched == ()
    assert migration.baseline.covers(finding(secret), at(), TODAY)


def test_migration_keeps_what_holds_and_tells_what_does_not() -> None:
    kept, gone = value(), value()
    old = yelp(row(kept, is_secret=True), row(gone))
    migration = old.migrate([finding(kept, rule="r"), finding(value())], today=TODAY)
    (entry,) = migration.baseline.entries
    assert (entry.rule_id, entry.added) == ("r", TODAY)
    assert entry.reason == "from .secrets.baseline: Secret Keyword, audited as a real secret"
    assert [entry.sha1 for entry in migration.unmatched] == [sha1(gone)]
    assert sha1(kept) not in migration.baseline.dump().decode()


def test_plugins_are_names_and_foreign_ones_are_not_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap.py"
    trap.write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    old = yelp(
        plugins_used=[
            {"name": "AWSKeyDetector"},
            {"name": "Trap", "path": f"file://{trap}"},
            {"name": "../x"},
            {"name": 5},
            "KeywordDetector",
            {"name": "AWSKeyDetector"},
        ],
        filters_used=[{"path": f"file://{trap}::f"}, {"path": "os.system"}],
    )
    assert old.plugins == ("AWSKeyDetector",)
    assert old.foreign == ("Trap",)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"results": []}',
        b'{"results": {"a": {}}}',
        b'{"results": {"a": [1]}}',
        b'{"results": {"a": [{"type": "x"}]}}',
        json.dumps({"results": {"a": [row("x") | {"type": "\x1b[31m"}]}}).encode(),
        json.dumps({"results": {"a": [row("x") | {"line_number": "1"}]}}).encode(),
        json.dumps({"results": {"a": [row("x") | {"hashed_secret": "x"}]}}).encode(),
    ],
)
def test_a_garbled_secrets_baseline_is_a_config_error(data: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        YelpBaseline.parse(data)
    assert caught.value.advice


def test_what_detect_secrets_writes_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from detect_secrets.core import baseline as library
    from detect_secrets.settings import default_settings

    secret = value()
    (tmp_path / "a.py").write_text(f'password = "{secret}"\n')
    monkeypatch.chdir(tmp_path)
    with default_settings():
        written = library.format_for_output(library.create("a.py", should_scan_all_files=True))
    old = YelpBaseline.parse(json.dumps(written).encode())
    assert old.covers(finding(secret), at("a.py"))
    assert "KeywordDetector" in old.plugins


def test_many_entries_cost_little() -> None:
    rows = [row(str(number)) for number in range(20_000)]

    def covered() -> list[object]:
        old = yelp(*rows)
        return [old.covers(finding(value()), at()) for _ in range(2_000)]

    assert not any(costs_little(covered, 3))
