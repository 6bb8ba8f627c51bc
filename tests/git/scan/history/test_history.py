"""The whole history: every object is read, once, and each secret is told once with where it stood."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.findings import Provenance, SkipReason
from secopskit.scan.history.attribution import telling
from secopskit.scan.history.objects.selection import commits_of
from support.history import LIMIT, line, merge, only, opened, place, scan
from support.repos import Repo
from support.values import alnum, github_token


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


def test_what_only_a_merge_brought(repo: Repo, token: str) -> None:
    commit = merge(repo, {"evil.py": line(token)})
    location, told = place(scan(repo))
    assert (location.path, told.commit, told.present) == ("evil.py", commit, True)
    assert set(told.refs) == {"refs/heads/main", "HEAD"}


@pytest.mark.parametrize("engine", ["auto", "re"])
def test_what_only_parsing_finds_and_only_a_merge_brought(repo: Repo, engine: str) -> None:
    text = "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: " + alnum(14) + "\n"
    commit = merge(repo, {"docker-compose.yml": text})
    repo.git("rm", "-q", "docker-compose.yml")
    repo.commit({})
    location, told = place(scan(repo, engine=engine))
    assert (location.path, location.line, told.commit) == ("docker-compose.yml", 4, commit)
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
    """More than thirty thousand places to look at: what stands in the last of them alone is present."""
    kept = repo.commit({f"d{n % 7}/f{n:03}.py": line(github_token()) for n in range(170)})
    repo.git("tag", "the-last-of-all", kept)
    repo.git("rm", "-q", "-r", "d0", "d1", "d2", "d3", "d4", "d5", "d6")
    gone = repo.commit({"README": "nothing\n"})
    later = "".join(
        f"commit refs/tags/a{n:03}\ncommitter A <a@b> {n} +0000\ndata 0\nfrom {gone}\n" for n in range(200)
    )
    repo.git("fast-import", "--quiet", stdin=later.encode())
    places = [x.provenance for f in scan(repo).findings for x in f.locations]
    assert len(places) == 170
    assert all(told and told.present and told.last_commit == kept for told in places)


def test_a_partial_clone_knows_what_is_present(repo: Repo, token: str, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({"deep/a.py": line(token)})
    clone = repo.clone(tmp_path / "clone", "--filter=blob:limit=1m")
    assert opened(clone).partial
    for _ in range(2):
        told = place(scan(clone, cache=True))[1]
        assert (told.present, told.last_commit) == (True, repo.head)


def test_a_clone_without_trees_names_what_its_tips_hold(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({"deep/.env": f"DB_PASSWORD={alnum(20)}\n", "a.py": "1"})
    repo.git("rm", "-q", "a.py")
    repo.commit({"b": "x"})
    clone = repo.clone(tmp_path / "clone", "--filter=tree:0")
    for _ in range(2):
        result = scan(clone, cache=True)
        location, told = place(result)
        assert (only(result).rule_id, location.path) == ("dotenv-secret", "deep/.env")
        assert (told.present, told.last_commit) == (True, repo.head)
    with pytest.raises(GitError, match="never fetched"):
        scan(clone, commits_of(opened(clone), "HEAD~1..HEAD"))
    clone.commit({"c.py": "1"})
    assert not scan(clone, commits_of(opened(clone), "HEAD~1..HEAD")).findings


def test_what_a_ref_holds_without_a_commit(repo: Repo, token: str) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=line(token).encode()).strip()
    repo.git("tag", "file", blob)
    location, told = place(scan(repo))
    assert location.path == "<object of refs/tags/file>"
    assert (told.refs, told.present) == (("refs/tags/file",), True)


@pytest.mark.parametrize("annotated", [(), ("-a", "-m", "a tree")])
def test_a_tree_that_a_tag_names_has_paths(repo: Repo, annotated: tuple[str, ...]) -> None:
    repo.stage({"deep/.env": f"DB_PASSWORD={alnum(20)}\n"})
    tree = repo.git("write-tree").strip()
    repo.git("reset", "-q", "--hard")
    repo.git("tag", *annotated, "files", tree)
    for _ in range(2):
        found = {x.path: x.provenance for f in scan(repo, cache=True).findings for x in f.locations}
        assert found.keys() == {"deep/.env"}
        assert all(x and x.present and x.refs == ("refs/tags/files",) for x in found.values())
        repo.commit({f"b{repo.head[:8]}": "new\n"})


def test_a_tree_that_a_tag_names_and_that_is_missing_is_told(repo: Repo, token: str) -> None:
    repo.stage({"deep/down/a.py": "1\n"})
    tree = repo.git("write-tree").strip()
    inner = repo.git("rev-parse", f"{tree}:deep").strip()
    repo.git("reset", "-q", "--hard")
    repo.git("tag", "files", tree)
    repo.commit({"b.py": line(token)})
    (repo.path / ".git/objects" / inner[:2] / inner[2:]).unlink()
    for _ in range(2):
        result = scan(repo, cache=True)
        assert place(result)[1].present
        assert len(result.limits) == 1


def test_the_head_of_another_work_tree_holds_it(repo: Repo, token: str, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    commit = other.commit({"a.py": line(token)})
    for each, name in ((repo, "worktrees/other/HEAD"), (other, "HEAD")):
        told = place(scan(each, cache=True))[1]
        assert (told.present, told.refs, told.last_commit) == (True, (name,), commit)
    repo.commit({"b.py": line(token)})
    other.git("checkout", "-q", "--detach", "HEAD~1")
    present = {x.path: x.provenance and x.provenance.present for x in only(scan(repo, cache=True)).locations}
    assert present == {"a.py": False, "b.py": True}


def test_large_files_have_names_however_many_others_are_skipped(repo: Repo, token: str) -> None:
    repo.commit({f"{n}.bin": b"\0" + str(n).encode() for n in range(20)})
    commit = repo.commit({"large.txt": line(token) + "x\n" * LIMIT})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling, "MAX_NAMED_SKIPS", 3)
        location, told = place(scan(repo))
    assert (location.path, told.commit, told.present) == ("large.txt", commit, True)


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
        ("large", SkipReason.IN_PARTS.value),  # readers of commands and calls want every text
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
