"""Archives and keystores wherever a scan looks: the work tree, the index, a range, the history."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from secopskit.findings import Blob, Finding, ScanResult, SkipReason, Suppressed, SuppressedBy
from secopskit.purge.values.spelling import spellings
from secopskit.purge.values.targets import from_findings
from secopskit.scan.choose import (
    FilesRequest,
    HistoryRequest,
    Request,
    StagedRequest,
    StreamRequest,
    scan_requested,
)
from secopskit.scan.session import Overrides, ScanSession
from support.archives import gzipped, tarred, zipped
from support.cli import rules_cache
from support.history import line
from support.repos import Repo
from support.values import alnum, github_token

KEYSTORE = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + bytes(60)
PLACES = {"dist.zip!b.jar!conf/app.py", "t.tgz!src/a.py", ".env.gz!.env", "k.kdbx"}


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A commit with archives, one of them with an archive in it."""
    repo = Repo.create(tmp_path / "repo")
    inner = zipped({"conf/app.py": ("# app\n" + line(github_token())).encode(), "a.class": b"\xca\xfe\0\1"})
    repo.commit(
        {
            "README": "nothing\n",
            "dist.zip": zipped({"b.jar": inner}),
            "t.tgz": gzipped(tarred({"src/a.py": line(github_token()).encode()})),
            ".env.gz": gzipped(f"DB_PASSWORD={alnum(20)}\n".encode()),
            "k.kdbx": KEYSTORE,
            "x.7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(64),
        }
    )
    return repo


def scanned(repo: Repo, request: Request, *, hook: bool = False, **more: object) -> ScanResult:
    if request == FilesRequest():
        request = FilesRequest((str(repo.path),))
    overrides = Overrides(engine="re", **more)  # type: ignore[arg-type]  # real fields
    return scan_requested(ScanSession(str(repo.path), overrides, hook=hook), request)


def places(findings: tuple[Finding, ...]) -> set[tuple[str, int, str]]:
    return {(place.path, place.line, one.rule_id) for one in findings for place in one.locations}


def passed_over(result: ScanResult) -> set[tuple[str, SkipReason]]:
    return {(one.path, one.reason) for one in result.skipped}


def test_a_work_tree_and_its_history_tell_the_same(repo: Repo) -> None:
    tree = scanned(repo, FilesRequest())
    assert {path for path, _, _ in places(tree.findings)} == PLACES
    assert ("dist.zip!b.jar!conf/app.py", 2, "github-pat") in places(tree.findings)
    assert passed_over(tree) == {("dist.zip", SkipReason.BINARY), ("x.7z", SkipReason.ARCHIVE)}
    oids = {place.oid for one in tree.findings for place in one.locations}
    assert oids == {None}
    for _ in range(2):  # the second time from what was kept
        history = scanned(repo, HistoryRequest())
        assert places(history.findings) == places(tree.findings)
        assert passed_over(history) == passed_over(tree)
        assert {one.detail for one in history.skipped} >= {"7z: this kind of archive is not opened"}
        for place in (place for one in history.findings for place in one.locations):
            assert place.provenance is not None
            assert (place.provenance.commit, place.provenance.present) == (repo.head, True)
            assert place.oid == repo.git("rev-parse", f"HEAD:{place.path.partition('!')[0]}").strip()


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_archives_that_begin_as_texts_tell_the_same_everywhere(tmp_path: Path, packed: bool) -> None:
    repo, long = Repo.create(tmp_path / "repo"), b"# a line of text\n" * 1000
    script = b"#!/bin/sh\n" + long
    member = {"conf/app.py": line(github_token()).encode()}
    stored = zipped({"README": long, **member}, zipfile.ZIP_STORED)
    files = {
        "a.zip": stored,
        "setup.run": script + line(github_token()).encode() + gzipped(tarred(member)),
        "odd.sh": script + b"\0\1\2" + line(github_token()).encode(),
    }
    repo.stage(files)
    expected = {"a.zip!conf/app.py", "setup.run", "setup.run!conf/app.py", "odd.sh"}
    assert {path for path, _, _ in places(scanned(repo, StagedRequest(), hook=True).findings)} == expected
    repo.git("commit", "-qm", "archives")
    if packed:
        repo.git("gc", "-q")
    tree = scanned(repo, FilesRequest())
    assert {path for path, _, _ in places(tree.findings)} == expected
    assert places(scanned(repo, HistoryRequest()).findings) == places(tree.findings)


def test_it_can_be_switched_off_and_keystores_are_named_all_the_same(repo: Repo) -> None:
    repo.write(".secops.yaml", "scan:\n  archives: false\n")
    for request in (FilesRequest(), HistoryRequest(cache=False)):
        result = scanned(repo, request)
        assert {path for path, _, _ in places(result.findings)} == {"k.kdbx"}
        assert ("dist.zip", SkipReason.BINARY) in passed_over(result)


@pytest.mark.parametrize("pattern", ["dist.zip", "conf/", "*.zip", "dist.zip!b.jar!conf/*"])
def test_a_path_is_excluded_by_the_archive_or_by_the_name_in_it(repo: Repo, pattern: str) -> None:
    for request in (FilesRequest(), HistoryRequest(cache=False)):
        found = places(scanned(repo, request, exclude=(pattern,)).findings)
        assert {path for path, _, _ in found} == PLACES - {"dist.zip!b.jar!conf/app.py"}


def held_back(result: ScanResult) -> list[Suppressed]:
    """What was held back on purpose: not the note that an archive has a dotenv file."""
    return [one for one in result.suppressed if one.by is not SuppressedBy.SEVERITY]


@pytest.mark.parametrize("path", ["dist.zip", "dist.zip!b.jar!conf/app.py"])
def test_an_ignore_file_names_the_archive_or_the_member(repo: Repo, path: str) -> None:
    repo.write(".gitleaksignore", f"{path}:any-rule:2\n")
    result = scanned(repo, FilesRequest())
    assert [one.by for one in held_back(result)] == [SuppressedBy.IGNORE_FILE]
    assert {one for one, _, _ in places(result.findings)} == PLACES - {"dist.zip!b.jar!conf/app.py"}


def test_a_commit_answers_for_what_the_archive_had_not_before(repo: Repo) -> None:
    old, new = line(github_token()), line(github_token())
    repo.commit({"lib.zip": zipped({"a.py": old.encode()})})
    repo.stage(
        {"lib.zip": zipped({"a.py": f"x = 1\n{old}{new}".encode()}), "new.zip": zipped({"b": new.encode()})}
    )
    result = scanned(repo, StagedRequest(), hook=True)
    assert places(result.findings) == {("lib.zip!a.py", 3, "github-pat"), ("new.zip!b", 1, "github-pat")}
    repo.git("commit", "-qm", "more")
    brought = scanned(repo, HistoryRequest("HEAD~..HEAD"))
    assert places(brought.findings) == places(result.findings)


def test_a_hook_leaves_large_archives_to_scans(repo: Repo) -> None:
    padding = bytes(5 << 20)
    repo.stage({"large.tar": tarred({"zeros": padding, "b.py": line(github_token()).encode()})})
    result = scanned(repo, StagedRequest(), hook=True)
    assert ("large.tar", SkipReason.ARCHIVE) in passed_over(result)
    assert {one.detail for one in result.skipped} == {"it is larger than 4 MiB"}
    assert "large.tar!b.py" in {path for path, _, _ in places(scanned(repo, FilesRequest()).findings)}


def test_standard_input_may_be_an_archive(repo: Repo) -> None:
    stream = io.BytesIO(zipped({"a.py": line(github_token()).encode()}))
    result = scanned(repo, StreamRequest(stream, "<stdin>"))
    assert places(result.findings) == {("<stdin>!a.py", 1, "github-pat")}


def test_what_an_archive_allows_counts_only_if_the_commit_had_it(repo: Repo) -> None:
    allowed = f"{line(github_token()).strip()}  # secops: allow it is nothing\n"
    repo.commit({"ok.zip": zipped({"a.py": allowed.encode()})})
    repo.git("branch", "base")
    repo.commit(
        {
            "ok.zip": zipped({"a.py": allowed.encode(), "b": b"c"}),
            "bad.zip": zipped({"a.py": allowed.encode()}),
        }
    )
    result = scanned(repo, FilesRequest(), suppressions_from="base")
    assert [one.finding.locations[0].path for one in held_back(result)] == ["ok.zip!a.py"]
    assert "bad.zip!a.py" in {path for path, _, _ in places(result.findings)}


def test_a_purge_finds_the_archive_of_a_member(repo: Repo) -> None:
    session = ScanSession(str(repo.path))
    found = scanned(repo, HistoryRequest(cache=False)).findings
    (token,) = (one for one in found if one.locations[0].path.startswith("dist.zip"))
    assert session.repository is not None
    (candidate,) = from_findings((token,), spellings(session.repository, (token,)).forms)
    assert candidate.paths == ("dist.zip!b.jar!conf/app.py", "dist.zip!b.jar", "dist.zip")
    assert candidate.extra_forms == ()


def test_a_member_is_judged_by_its_own_name(repo: Repo) -> None:
    detectors = ScanSession(str(repo.path), Overrides(engine="re")).detectors
    text = f'SECRET_KEY = "{alnum(40)}"\n'.encode()
    inside = Blob("a.zip!settings.py", text, member="settings.py")
    rules = [one.rule_id for one in detectors.examine(inside)]
    assert rules == [one.rule_id for one in detectors.examine(Blob("settings.py", text))]
    assert [one.path for one in detectors.examine(inside)] == ["a.zip!settings.py"]
