"""Histories of all kinds of repositories, broken ones too, and of ranges of commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import ExitCode, GitError, UsageError
from secopskit.findings import SkipReason
from secopskit.scan.history.objects.selection import commits_of
from support.forked import secops
from support.history import LIMIT, line, merge, only, opened, place, scan
from support.repos import Repo
from support.values import github_token

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


def test_a_damaged_object_is_told_until_it_is_repaired(repo: Repo, token: str) -> None:
    repo.commit({"a.py": line(token)})
    oid = repo.git("rev-parse", "HEAD:a.py").strip()
    file = repo.path / ".git" / "objects" / oid[:2] / oid[2:]
    whole = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(b"not an object")
    for _ in range(2):
        result = scan(repo, cache=True)
        assert [(s.detail, s.reason.value) for s in result.skipped] == [(oid, "cannot be read")]
    file.write_bytes(whole)
    result = scan(repo, cache=True)
    assert (only(result).locations[0].path, list(result.skipped)) == ("a.py", [])


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
    commit = merge(repo, {"evil.py": line(token)})
    location, told = place(scan(repo, commits_of(opened(repo), f"{start}..HEAD")))
    assert (location.path, told.commit) == ("evil.py", commit)


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


def test_what_is_larger_than_the_limit_is_searched_in_parts(repo: Repo, tmp_path: Path, token: str) -> None:
    filler = "some words that mean nothing\n" * (LIMIT // 29 + 1)
    repo.commit({"notes": filler + line(token), "big.env": filler, "big.bin": b"\x89\0\1\2" * LIMIT})
    for _ in range(2):
        result = scan(repo, cache=True)
        assert [(place.path, place.line, place.column) for place in only(result).locations] == [
            ("notes", LIMIT // 29 + 2, 10)
        ]
        assert {skip.path: skip.reason for skip in result.skipped} == {
            "notes": SkipReason.IN_PARTS,
            "big.env": SkipReason.IN_PARTS,
            "big.bin": SkipReason.BINARY,
        }
    env = {"SECOPS_SCAN_MAX_FILE_SIZE": "1MB"}
    for words in (("scan",), ("scan", "notes", "big.bin"), ("scan", "--stdin")):
        stdin = (filler + line(token)).encode() if "--stdin" in words else b""
        outcome = secops(*words, "--format", "csv", cwd=repo.path, env=env, stdin=stdin)
        assert (outcome.code, outcome.out.count("github-pat,")) == (1, 1), words
    repo.git("reset", "-q", "--soft", "HEAD^")
    assert secops("scan", "--staged", "--format", "csv", cwd=repo.path, env=env).code == 1


@pytest.mark.parametrize("name", ["HEAD~1", "HEAD~1^{tree}", "HEAD"])
def test_a_range_over_a_damaged_object_names_it_and_what_to_do(repo: Repo, name: str) -> None:
    for n in range(3):
        repo.commit({"a.py": f"x = {n}\n"})
    oid = repo.git("rev-parse", name).strip()
    file = repo.path / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(b"not an object")
    with pytest.raises(GitError, match=f"object {oid} cannot be read") as raised:
        scan(repo, commits_of(opened(repo), "HEAD~2..HEAD" if name != "HEAD" else "HEAD"))
    assert "clone that has it" in (raised.value.advice or "")
