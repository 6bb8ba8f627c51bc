"""What a scan of a history leaves to the next one: nothing is lost by it, and no value kept."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path

import pytest

from secopskit.errors import ExitCode
from support.archives import zipped
from support.forked import secops
from support.history import line, merge, only, scan, told, varied
from support.repos import Repo
from support.values import alnum, github_token


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


@pytest.mark.parametrize("where", ["author", "file", "directory", "branch", "tag", "archive member"])
def test_a_value_in_a_name_is_not_kept_either(repo: Repo, token: str, where: str) -> None:
    repo.commit({"a.py": line(token)})
    scan(repo, cache=True)
    match where:
        case "author":
            repo.stage({"b.py": line(token)})
            repo.git("commit", "-qm", "change", env={"GIT_AUTHOR_NAME": token})
        case "file":
            repo.commit({f"{token}.yml": f"token: {token}\n"})
        case "directory":
            repo.commit({f"{token}/app.yml": f"token: {token}\n"})
        case "branch":
            repo.git("branch", token)
        case "tag":
            repo.git("tag", token)
        case _:
            repo.commit({"a.zip": zipped({f"{token}.py": line(token).encode()})})
    for _ in range(2):
        assert told(scan(repo, cache=True)) == told(scan(repo))
        kept = b"".join(path.read_bytes() for path in (repo.path / ".git/secops").iterdir())
        assert token.encode() not in kept


def test_what_was_kept_before_it_was_known_for_a_value_goes(repo: Repo) -> None:
    value, kept = alnum(18), repo.path / ".git/secops/history-scan"
    repo.stage({"a.py": line(github_token())})
    repo.git("commit", "-qm", "change", env={"GIT_AUTHOR_NAME": value})
    scan(repo, cache=True)
    assert value.encode() in kept.read_bytes()
    repo.commit({"app.yml": f"password: {value}\n"})
    scan(repo, cache=True)
    for path in kept.parent.iterdir():
        assert value.encode() not in path.read_bytes()
