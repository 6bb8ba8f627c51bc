"""The whole history: every object is read, once, and each secret is told once with where it stood."""

from __future__ import annotations

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from secops.errors import ExitCode, SecopsError, UsageError
from secops.findings import Finding, Location, Provenance, ScanResult
from secops.git import Repository
from secops.scan.detectors import DetectorOptions
from secops.scan.history import selection, worker
from secops.scan.history.objects import HistoryOptions, scan_history
from secops.scan.history.selection import WHOLE_HISTORY, Selection, commits_of
from secops.scan.sieve import Sieve
from support.cli import COMMAND, environment, home, rules_cache, secops
from support.repos import Repo
from support.values import alnum, github_token

LIMIT = 1_000_000
KEY = bytes(32)
_DATES = iter(range(1_700_000_000, 1_800_000_000, 3600))


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


def opened(repo: Repo) -> Repository:
    found = Repository.open(str(repo.path))
    assert found is not None
    return found


def scan(
    repo: Repo, what: Selection = WHOLE_HISTORY, *, cache: bool = False, jobs: int = 1, engine: str = "auto"
) -> ScanResult:
    options = HistoryOptions(
        detectors=DetectorOptions(engine=engine, cache=str(rules_cache())),
        limit=LIMIT,
        jobs=jobs,
        cache=cache,
    )
    return scan_history(opened(repo), what, options, Sieve(), key=lambda: KEY)


def only(result: ScanResult) -> Finding:
    assert len(result.findings) == 1, [(f.rule_id, [x.path for x in f.locations]) for f in result.findings]
    return result.findings[0]


def place(result: ScanResult) -> tuple[Location, Provenance]:
    (location,) = only(result).locations
    assert location.provenance is not None
    return location, location.provenance


def line(token: str) -> str:
    return f"token = '{token}'\n"


# --- every object -----------------------------------------------------------------------------


def test_a_deleted_file(repo: Repo, token: str) -> None:
    first = repo.commit({"a.py": line(token)})
    repo.commit({"b": "x"})
    repo.git("rm", "-q", "a.py")
    last = repo.commit({})
    repo.commit({"c": "x"})
    location, told = place(scan(repo))
    assert (location.path, location.line, location.column) == ("a.py", 1, 10)
    assert (told.commit, told.first_commit) == (first, first)
    assert told.last_commit == repo.git("rev-parse", f"{last}^").strip()
    assert told.author == "Ada"
    assert told.date.startswith("20")
    assert not told.present
    assert set(told.refs) == {"refs/heads/main", "HEAD"}


def test_a_secret_that_is_still_there(repo: Repo, token: str) -> None:
    first = repo.commit({"a.py": line(token)})
    repo.commit({"a.py": "# more\n" + line(token)})
    location, told = place(scan(repo))
    assert told.present
    assert (told.first_commit, told.last_commit) == (first, repo.head)
    assert location.line == 2, "the newest version is shown"


def test_one_finding_for_one_secret_in_two_files(repo: Repo, token: str) -> None:
    one = repo.commit({"a.py": line(token)})
    two = repo.commit({"deep/b.py": "x = 1\n" + line(token), "same.py": line(token)})
    places = {x.path: x.provenance.commit for x in only(scan(repo)).locations if x.provenance}
    assert places == {"a.py": one, "deep/b.py": two, "same.py": two}


def test_a_renamed_file(repo: Repo, token: str) -> None:
    repo.commit({"old.py": line(token)})
    repo.git("mv", "old.py", "new.py")
    repo.commit({})
    places = {x.path: x.provenance.present for x in only(scan(repo)).locations if x.provenance}
    assert places == {"old.py": False, "new.py": True}


def _merge(repo: Repo, files: dict[str, str]) -> str:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"side": "x"})
    repo.git("checkout", "-q", "main")
    repo.commit({"main": "x"})
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side")
    return repo.commit(files, "merge")


def test_what_only_a_merge_brought(repo: Repo, token: str) -> None:
    merge = _merge(repo, {"evil.py": line(token)})
    location, told = place(scan(repo))
    assert (location.path, told.commit, told.present) == ("evil.py", merge, True)
    assert set(told.refs) == {"refs/heads/main", "HEAD"}


@pytest.mark.parametrize("engine", ["auto", "re"])
def test_what_only_parsing_finds_and_only_a_merge_brought(repo: Repo, engine: str) -> None:
    text = "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: " + alnum(14) + "\n"
    merge = _merge(repo, {"docker-compose.yml": text})
    repo.git("rm", "-q", "docker-compose.yml")
    repo.commit({})
    location, told = place(scan(repo, engine=engine))
    assert (location.path, location.line, told.commit) == ("docker-compose.yml", 4, merge)
    assert not told.present


def test_a_stash_of_tracked_and_untracked_files(repo: Repo) -> None:
    one, two = github_token(), github_token()
    repo.write("README", line(one))
    repo.write("untracked.py", line(two))
    repo.git("stash", "push", "-q", "--include-untracked")
    found = {f.locations[0].path: f.locations[0].provenance for f in scan(repo).findings}
    assert found.keys() == {"README", "untracked.py"}
    assert all(told and "refs/stash" in told.refs for told in found.values())


def test_a_note(repo: Repo, token: str) -> None:
    repo.git("notes", "add", "-m", line(token), "HEAD")
    _, told = place(scan(repo))
    assert told.refs == ("refs/notes/commits",)
    assert told.present


def test_a_commit_message(repo: Repo, token: str) -> None:
    commit = repo.commit({"a": "1"}, f"forgot {token}")
    repo.commit({"a": "2"})
    location, told = place(scan(repo))
    assert location.path == "<commit message>"
    assert (told.first_commit, told.last_commit, told.author, told.present) == (commit, commit, "Ada", True)


def test_two_commit_messages(repo: Repo, token: str) -> None:
    first = repo.commit({"a": "1"}, f"forgot {token}")
    last = repo.commit({"a": "2"}, f"again {token}")
    _, told = place(scan(repo))
    assert (told.first_commit, told.last_commit) == (first, last)


def test_a_tag_message(repo: Repo, token: str) -> None:
    repo.git("tag", "-a", "v1", "-m", f"release with {token}")
    location, told = place(scan(repo))
    assert location.path == "<tag message> refs/tags/v1"
    assert told.refs == ("refs/tags/v1",)
    assert told.present


def test_an_unreachable_commit(repo: Repo, token: str) -> None:
    commit = repo.commit({"a.py": line(token)})
    repo.git("reset", "-q", "--hard", "HEAD^")
    repo.git("reflog", "expire", "--expire=now", "--all")
    (repo.path / ".git" / "ORIG_HEAD").unlink(missing_ok=True)
    location, told = place(scan(repo))
    assert (location.path, told.commit, told.refs, told.present) == ("a.py", commit, (), False)


def test_what_only_the_reflog_remembers(repo: Repo, token: str) -> None:
    commit = repo.commit({"a.py": line(token)})
    repo.git("reset", "-q", "--hard", "HEAD^")
    location, told = place(scan(repo))
    assert (location.path, told.commit, told.present) == ("a.py", commit, False)


def test_a_dangling_blob(repo: Repo, token: str) -> None:
    oid = repo.git("hash-object", "-w", "--stdin", stdin=line(token).encode()).strip()
    location, told = place(scan(repo))
    assert location.path == f"<unreachable object {oid[:12]}>"
    assert location.oid == oid
    assert told == Provenance()


def test_another_branch_holds_it(repo: Repo, token: str) -> None:
    repo.git("checkout", "-q", "-b", "other")
    commit = repo.commit({"a.py": line(token)})
    repo.git("checkout", "-q", "main")
    _, told = place(scan(repo))
    assert (told.refs, told.present, told.last_commit) == (("refs/heads/other",), True, commit)


def test_many_refs_and_paths_still_tell_what_is_present(repo: Repo) -> None:
    tokens = {f"f{n:03}.py": line(github_token()) for n in range(130)}
    repo.commit(tokens)
    for n in range(70):
        repo.git("branch", f"b{n}", "HEAD~1" if n % 2 else "HEAD")
    assert all(x.provenance and x.provenance.present for f in scan(repo).findings for x in f.locations)


def test_a_root_commit_is_told_whatever_the_settings_say(tmp_path: Path, token: str) -> None:
    repo = Repo.create(tmp_path / "new")
    commit = repo.commit({"a.py": line(token)})
    repo.git("config", "log.showRoot", "false")
    repo.git("config", "log.diffMerges", "off")
    assert place(scan(repo))[1].commit == commit


def test_a_dotenv_file_that_was_deleted(repo: Repo) -> None:
    repo.commit({".env": f"SECRET_KEY={alnum(40)}\n"})
    repo.git("rm", "-q", ".env")
    repo.commit({})
    rules = {f.rule_id for f in scan(repo).findings}
    assert any("dotenv" in rule or "env" in rule for rule in rules), rules


def test_utf_16_binary_and_large_blobs(repo: Repo, token: str) -> None:
    wide = b"\xff\xfe" + line(token).encode("utf-16-le")
    repo.commit({"w.ps1": wide, "picture": b"\x89\0PNG", "large": b"x" * (LIMIT + 1)})
    result = scan(repo)
    assert place(result)[0].path == "w.ps1"
    assert {(s.path, s.reason.value) for s in result.skipped} == {
        ("picture", "binary content"),
        ("large", "larger than the size limit"),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the file system refuses such names")
def test_odd_names(repo: Repo, token: str) -> None:
    names = {os.fsdecode(b"caf\xe9.py"), "two\nlines.py", "tab\there.py", ":colon", "-dash"}
    for name in names:
        repo.write(name, line(token))
    repo.git("add", "-A")
    repo.commit({})
    places = {x.path: x.provenance for x in only(scan(repo)).locations}
    assert places.keys() == names
    assert all(told and told.present and told.commit == repo.head for told in places.values())


# --- other kinds of repository ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["--bare", "--mirror"])
def test_bare_and_mirror_clones(repo: Repo, tmp_path: Path, token: str, kind: str) -> None:
    commit = repo.commit({"a.py": line(token)})
    _, told = place(scan(repo.clone(tmp_path / "clone.git", kind)))
    assert (told.commit, told.present) == (commit, True)


def test_a_sha256_repository(tmp_path: Path, token: str) -> None:
    repo = Repo.create(tmp_path / "long", "--object-format=sha256")
    commit = repo.commit({"a.py": line(token)})
    for _ in range(2):
        _, told = place(scan(repo, cache=True))
        assert (told.commit, len(told.commit)) == (commit, 64)
        repo.git("gc", "-q")


def test_a_shallow_clone_says_what_it_lacks(repo: Repo, tmp_path: Path, token: str) -> None:
    repo.commit({"a.py": line(token)})
    repo.commit({"b": "x"})
    result = scan(repo.clone(tmp_path / "shallow", "--depth=1"))
    assert only(result).locations[0].path == "a.py"
    assert any("shallow" in limit for limit in result.limits)
    assert not scan(repo).limits


def _partial(repo: Repo, tmp_path: Path, kind: str) -> tuple[Repo, Path]:
    """A partial clone whose remote, if ever asked, makes a file."""
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "partial", "--no-checkout", f"--filter={kind}")
    canary = tmp_path / "canary"
    clone.git("config", "remote.origin.url", f"ext::sh -c touch% {canary}")
    clone.git("config", "protocol.ext.allow", "always")
    clone.git("config", "protocol.allow", "always")
    return clone, canary


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_partial_clone_fetches_nothing(repo: Repo, tmp_path: Path, token: str, kind: str) -> None:
    repo.commit({"a.py": line(token)})
    repo.git("rm", "-q", "a.py")
    repo.commit({"b": "x"}, f"message with {token}")
    clone, canary = _partial(repo, tmp_path, kind)
    result = scan(clone)
    assert only(result).locations[0].path == "<commit message>"
    assert any("partial" in limit for limit in result.limits)
    assert not canary.exists()
    if kind == "blob:none":
        result = scan(clone, commits_of(opened(clone), "HEAD~1..HEAD"))
        assert {s.reason.value for s in result.skipped} == {"object missing from this clone"}
    assert not canary.exists()
    clone.try_git("cat-file", "-p", "HEAD~1:a.py")
    assert canary.exists(), "git itself would have run it: the canary sings"


def test_a_missing_object_of_a_range_is_told(repo: Repo, token: str) -> None:
    repo.commit({"a.py": line(token)})
    oid = repo.git("rev-parse", "HEAD:a.py").strip()
    (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    result = scan(repo, commits_of(opened(repo), "HEAD~1..HEAD"))
    assert [(s.detail, s.reason.value) for s in result.skipped] == [(oid, "object missing from this clone")]


def test_a_corrupt_repository_is_a_clean_error(repo: Repo, token: str) -> None:
    for n in range(3):
        repo.commit({"a.py": f"{n}" * 2000 + line(token)})
    for name in (repo.path / ".git" / "objects").glob("[0-9a-f][0-9a-f]/*"):
        name.chmod(0o644)
        name.write_bytes(b"not an object")
    outcome = secops("scan", "--history", cwd=repo.path)
    assert outcome.code == ExitCode.OPERATION
    assert "Traceback" not in outcome.text


def test_many_complaints_of_git_do_not_stop_the_scan(repo: Repo) -> None:
    objects = repo.path / ".git" / "objects"
    for n in range(1500):
        path = objects / f"{n % 256:02x}" / f"{n:038x}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"junk")
    outcome = secops("scan", "--history", "--no-cache", cwd=repo.path)
    assert outcome.code in (ExitCode.OK, ExitCode.OPERATION)
    assert "Traceback" not in outcome.text


# --- a range ----------------------------------------------------------------------------------


def test_a_range_of_commits(repo: Repo) -> None:
    before, within, after = github_token(), github_token(), github_token()
    repo.commit({"before.py": line(before)})
    start = repo.head
    commit = repo.commit({"within.py": line(within)})
    repo.git("rm", "-q", "within.py")
    end = repo.commit({})
    repo.commit({"after.py": line(after)})
    location, told = place(scan(repo, commits_of(opened(repo), f"{start}..{end}")))
    assert (location.path, told.commit) == ("within.py", commit)
    paths = {
        x.path for f in scan(repo, commits_of(opened(repo), f"{start}..HEAD")).findings for x in f.locations
    }
    assert paths == {"within.py", "after.py"}


def test_what_a_merge_brought_in_a_range(repo: Repo, token: str) -> None:
    start = repo.head
    merge = _merge(repo, {"evil.py": line(token)})
    location, told = place(scan(repo, commits_of(opened(repo), f"{start}..HEAD")))
    assert (location.path, told.commit) == ("evil.py", merge)


@pytest.mark.parametrize("words", ["", "nothing..HEAD", "--all", "HEAD --output=x"])
def test_a_range_that_git_does_not_know(repo: Repo, words: str) -> None:
    with pytest.raises(UsageError):
        commits_of(opened(repo), words)


def test_the_command_line_takes_a_range(repo: Repo, token: str) -> None:
    repo.commit({"a.py": line(token)})
    assert secops("scan", "--since", "HEAD~1", cwd=repo.path).code == ExitCode.FINDINGS
    repo.commit({"b": "x"})
    assert secops("scan", "--range", "HEAD~1..HEAD", cwd=repo.path).code == ExitCode.OK
    assert secops("scan", "--since", "nonsense", cwd=repo.path).code == ExitCode.USAGE


# --- the cache --------------------------------------------------------------------------------


def told(result: ScanResult) -> tuple[Any, ...]:
    """All that a result tells, apart from how long it took and how much was spared."""
    findings = [f._replace(secret=None) if hasattr(f, "_replace") else f for f in result.findings]
    return (
        findings,
        result.suppressed,
        result.skipped,
        result.limits,
        result.stats.blobs,
        result.stats.bytes,
    )


def _varied(repo: Repo) -> None:
    """A history with all kinds of findings."""
    repo.commit({"a.py": line(github_token()), "p": b"\0\1", ".env": f"DB_PASSWORD={alnum(20)}\n"})
    repo.commit({"b.yml": f"password: {alnum(18)}\n", "a.py": "clean\n"}, f"message {github_token()}")
    repo.git("tag", "-a", "v1", "-m", github_token())
    repo.git("hash-object", "-w", "--stdin", stdin=line(github_token()).encode())
    _merge(repo, {"evil.yml": f"db:\n  password: {alnum(18)}\n"})


def test_a_second_scan_tells_the_same(repo: Repo) -> None:
    _varied(repo)
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
    _varied(repo)
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
    _merge(repo, {"db.yml": f"db:\n  user: app\n  password: {alnum(18)}\n"})
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


# --- processes --------------------------------------------------------------------------------


def test_one_process_and_two_find_the_same(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    _varied(repo)
    body = os.urandom(3000).hex()
    repo.commit({f"f{n}.py": f"{n} {body}\n{line(github_token())}" for n in range(40)})
    _small_slices(monkeypatch)
    assert told(scan(repo, jobs=2)) == told(scan(repo, jobs=1))
    assert told(scan(repo, jobs=2, engine="re")) == told(scan(repo, jobs=1))


def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make slices so small that several processes get some."""
    monkeypatch.setattr(selection, "_MOST_OBJECTS", 7)


def test_a_killed_worker_is_a_clean_error(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({f"f{n}": f"{n}" for n in range(30)})
    _small_slices(monkeypatch)
    parent = os.getpid()

    def dies(self: worker.Worker, oids: object) -> None:
        assert os.getpid() != parent
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(worker.Worker, "scan", dies)
    with pytest.raises(SecopsError) as failure:
        scan(repo, jobs=2)
    assert failure.value.exit_code == ExitCode.OPERATION
    assert "worker" in str(failure.value)


@pytest.mark.skipif(os.name == "nt", reason="no process groups")
def test_ctrl_c_is_quiet(repo: Repo) -> None:
    body = os.urandom(60_000).hex()
    repo.commit({f"f{n}": f"{n}{body[n:]}" for n in range(400)})
    process = subprocess.Popen(
        [*COMMAND, "scan", "--history", "--no-cache", "-j2", "--engine=re"],
        cwd=repo.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert b"Traceback" not in out + err
    assert process.returncode in (ExitCode.INTERRUPTED, ExitCode.OK)
