"""What a scan of a history leaves to the next one: nothing is lost by it, and no value kept."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path

import pytest

from secopskit.errors import ExitCode
from support.cli import home
from support.forked import secops
from support.history import line, merge, only, scan, told, varied
from support.repos import Repo
from support.values import alnum, github_token


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "nothing here\n"})
    return made


@pytest.fixture
def token() -> str:
    return github_token()


def test_a_second_scan_tells_the_same(repo: Repo) -> None:
    varied(repo)
    plain, first, second = scan(repo), scan(repo, cache=True), scan(repo, cache=True)
    assert told(first) == told(plain)
    assert told(second) == told(first)
    assert first.stats.cached_objects == 0
    assert second.stats.cached_objects > 0
    repo.git("gc", "-q")
    packed = scan(repo, cache=True)
    assert told(packed) == told(first)
    assert told(scan(repo, cache=True)) == told(first)


def test_the_json_of_a_second_scan_is_the_same(repo: Repo) -> None:
    varied(repo)
    reports = []
    for _ in range(2):
        outcome = secops("scan", "--history", "--format=json", cwd=repo.path)
        report = json.loads(outcome.out)
        report.pop("stats")
        reports.append(
            {k: v for k, v in report.items() if "time" not in k and k not in ("generated", "date")}
        )
    assert reports[0] == reports[1]
    assert reports[0]["findings"]


def test_new_commits_and_refs_are_seen(repo: Repo, token: str) -> None:
    repo.commit({"a.py": line(github_token())})
    scan(repo, cache=True)
    commit = repo.commit({"b.py": line(token), "docker-compose.yml": "services: {}\n"})
    found = {x.path: x.provenance for f in scan(repo, cache=True).findings for x in f.locations}
    assert found.keys() == {"a.py", "b.py"}
    assert (told_b := found["b.py"]) is not None
    assert told_b.commit == commit
    repo.git("rm", "-q", "b.py")
    repo.commit({})
    found = {x.path: x.provenance for f in scan(repo, cache=True).findings for x in f.locations}
    assert (told_b := found["b.py"]) is not None
    assert not told_b.present
    repo.git("branch", "old", "HEAD~1")
    found = {x.path: x.provenance for f in scan(repo, cache=True).findings for x in f.locations}
    assert (told_b := found["b.py"]) is not None
    assert told_b.present


def test_what_only_a_merge_brought_is_told_again(repo: Repo) -> None:
    merge(repo, {"db.yml": f"db:\n  user: app\n  password: {alnum(18)}\n"})
    only(scan(repo, cache=True))
    repo.commit({"more": "x"})
    again = scan(repo, cache=True)
    assert only(again).locations[0].path == "db.yml"
    assert told(again) == told(scan(repo))


def test_a_known_blob_under_a_new_name_is_looked_at_again(repo: Repo) -> None:
    text = f"[options]\nadmin_passwd = {alnum(16)}\n"
    repo.commit({"notes.xyz": text})
    assert not [f for f in scan(repo, cache=True).findings if f.locations[0].path == "odoo.conf"]
    repo.commit({"odoo.conf": text})
    found = scan(repo, cache=True)
    assert any(x.path == "odoo.conf" for f in found.findings for x in f.locations)
    assert told(found) == told(scan(repo))


def test_objects_that_were_pruned_are_told_no_more(repo: Repo, token: str) -> None:
    repo.commit({"a.py": line(token)})
    assert scan(repo, cache=True).findings
    repo.git("reset", "-q", "--hard", "HEAD^")
    (repo.path / ".git" / "ORIG_HEAD").unlink(missing_ok=True)
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert not scan(repo, cache=True).findings


def _cache_file(repo: Repo) -> Path:
    return repo.path / ".git" / "secops" / "history-scan"


def test_a_forged_cache_is_not_believed(repo: Repo, token: str) -> None:
    scan(repo, cache=True)
    clean = _cache_file(repo).read_bytes()
    repo.commit({"a.py": line(token)})
    expected = told(scan(repo))
    assert told(scan(repo, cache=True)) == expected
    good = _cache_file(repo).read_bytes()
    for forged in (good[:-1] + bytes([good[-1] ^ 1]), clean[:32] + good[32:], good[:40], b"", b"\0" * 500):
        _cache_file(repo).write_bytes(forged)
        assert told(scan(repo, cache=True)) == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFO here")
@pytest.mark.parametrize("kind", ["fifo", "link", "directory"])
def test_a_cache_file_that_is_no_file(repo: Repo, tmp_path: Path, token: str, kind: str) -> None:
    repo.commit({"a.py": line(token)})
    expected = told(scan(repo, cache=True))
    (repo.path / ".git" / "secops" / "history-result").unlink()
    _cache_file(repo).rename(tmp_path / "elsewhere")
    match kind:
        case "fifo":
            os.mkfifo(_cache_file(repo))
        case "link":
            _cache_file(repo).symlink_to(tmp_path / "elsewhere")
        case _:
            _cache_file(repo).mkdir()
    result = scan(repo, cache=True)
    assert told(result) == expected
    assert result.stats.cached_objects == 0


def test_without_the_cache_nothing_is_kept(repo: Repo) -> None:
    secops("scan", "--history", "--no-cache", cwd=repo.path)
    assert not _cache_file(repo).exists()


def test_what_is_kept_is_private_and_holds_no_value(repo: Repo, tmp_path: Path, token: str) -> None:
    weak, message = "hunter" + "2horse", github_token()
    repo.commit({"a.py": line(token), ".env": f"DB_PASSWORD={weak}\n"}, f"message {message}")
    cache = tmp_path / "cache"
    for _ in range(2):
        outcome = secops(
            "scan", "--history", "--engine=re", cwd=repo.path, env={"SECOPS_CACHE_DIR": str(cache)}
        )
        assert outcome.code == ExitCode.FINDINGS
    state = repo.path / ".git" / "secops"
    kept = [path for top in (state, cache) for path in top.rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"history-scan", "fingerprint.key", "store.key"}
    for directory in (state, cache):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content += gzip.decompress(content)
        for value in (token, weak, message):
            for form in (value.encode(), value.encode("utf-16-le"), value.encode().hex().encode()):
                assert form not in content, path.name
