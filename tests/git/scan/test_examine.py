"""A tree that is scanned by several processes: the same result as by one, in the same order."""

from __future__ import annotations

import gzip
import os
import pickle
import sys
from functools import partial
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.findings import Blob, BlobPart, ScanResult, Skipped, SkipReason
from secopskit.globs import compile_patterns
from secopskit.progress import NO_PROGRESS, ProgressStage
from secopskit.scan.choose import FilesRequest, Request, StagedRequest, scan_requested
from secopskit.scan.content import examine as examining
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.examine import Examined, Examiner, examine
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.session import Overrides, ScanSession
from secopskit.settings.shown import Shown
from secopskit.sources.files import FilesSource
from secopskit.sources.worktree import WorktreeSource
from support.cli import rules_cache
from support.history import line
from support.progress import ToldProgress
from support.repos import Repo
from support.values import alnum, github_token

LIMIT = 64 * 1024


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))
    monkeypatch.setenv("SECOPS_SCAN_MAX_FILE_SIZE", str(LIMIT))
    monkeypatch.setattr(examining, "_MANY", 2)
    monkeypatch.setattr(examining, "_TASK_PIECES", 3)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A tree with something of every kind, and many files with nothing in them."""
    repo = Repo.create(tmp_path / "repo")
    shared = line(github_token())
    files: dict[str, str | bytes] = {f"src/{number:02}.py": f"x = {number}\n" for number in range(20)}
    files |= {
        "a.py": shared,
        "lib/b.py": shared + line(github_token()),
        "lib/allowed.py": line(github_token()).rstrip("\n") + "  # secops: allow for a test\n",
        "lib/excluded/c.py": line(github_token()),
        ".env": f"DB_PASSWORD={alnum(20)}\n",
        "large.txt": "prose and prose\n" * 6000 + shared,
        "picture.png": b"\x89PNG\0\0\0",
        "old.gz": gzip.compress(line(github_token()).encode()),
        f"{github_token()}/named.txt": "x\n",
    }
    repo.commit(files)
    repo.write("untracked.py", line(github_token()))
    (repo.path / "link").symlink_to("a.py")
    monkeypatch.chdir(repo.path)
    return repo


def scanned(jobs: int, request: Request | None = None, engine: str = "auto") -> ScanResult:
    overrides = Overrides(jobs=jobs, exclude=("lib/excluded/",), engine=engine, show=Shown.ALL)
    return scan_requested(ScanSession(".", overrides), FilesRequest() if request is None else request)


def told(result: ScanResult) -> ScanResult:
    """All of a result but how long it took."""
    return result._replace(stats=result.stats._replace(seconds=0.0))


@pytest.mark.parametrize("engine", ["auto", "re"])
def test_several_processes_find_what_one_finds(repo: Repo, engine: str) -> None:
    alone = scanned(1, engine=engine)
    assert len(alone.findings) > 5
    assert alone.suppressed
    assert len(alone.skipped) > 2
    assert told(scanned(3, engine=engine)) == told(alone)


def test_it_is_several_processes(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = list[int]()

    def look_into(*_: object) -> tuple[list[Occurrence], list[Skipped]]:
        seen.append(os.getpid())
        return [], []

    monkeypatch.setattr(Detectors, "look_into", look_into)
    scanned(1)
    assert set(seen) == {os.getpid()}
    seen.clear()
    scanned(2)
    assert not seen  # they have seen it, in memory of their own


def test_a_directory_that_is_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        (tmp_path / f"{number}.py").write_text(line(github_token()) if number % 3 else "x = 1\n")
    monkeypatch.chdir(tmp_path)
    alone = scanned(1)
    assert len(alone.findings) == 8
    assert told(scanned(2)) == told(alone)


def test_a_small_tree_needs_no_processes(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "_MANY", 1000)
    monkeypatch.setattr(examining, "_together", None)
    assert len(scanned(2).findings) > 5
    monkeypatch.setattr(examining, "_MUCH", 1000)
    with pytest.raises(TypeError):
        scanned(2)


def test_what_is_staged_is_looked_at_here(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "_together", None)
    repo.stage({f"new{number}.py": line(github_token()) for number in range(4)})
    assert len(scanned(2, StagedRequest()).findings) == 4


def test_a_process_that_shares_nothing_sees_the_same(repo: Repo) -> None:
    """As where processes are not copies: all that it needs crosses a pipe."""
    session = ScanSession(".")
    excluded = compile_patterns(["lib/excluded/"]).matches
    for source in (
        WorktreeSource(session.require_repository("this"), limit=LIMIT),
        FilesSource((".",), root=".", limit=LIMIT),
    ):
        make = partial(examining._opened, source, session.detector_options, excluded)
        there: Examiner = pickle.loads(pickle.dumps(make))()
        task = (7, list(source.pieces()))
        number, wire = examining._examined(there, pickle.loads(pickle.dumps(task)))
        assert number == 7
        here = examine(Examiner(source, session.detectors, excluded), jobs=1, progress=NO_PROGRESS)
        assert Examined.from_wire(wire).to_wire() == here.to_wire()
        assert here.bytes > 90_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is copied into a process")
def test_a_process_that_is_killed_is_told(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Detectors, "look_into", lambda *_: os.kill(os.getpid(), 9))
    with pytest.raises(SecopsError, match="worker process was killed"):
        scanned(2)


def test_progress_is_told_of_all_files(repo: Repo) -> None:
    session = ScanSession(".")
    source = WorktreeSource(session.require_repository("this"), limit=LIMIT)
    for jobs in (1, 2):
        progress = ToldProgress()
        examine(Examiner(source, session.detectors, lambda _path: False), jobs=jobs, progress=progress)
        assert progress.stages == [ProgressStage.READING_FILES]
        assert progress.done(ProgressStage.READING_FILES) == progress.totals[0] == 31


def test_what_is_excluded_is_not_looked_into_and_parts_count_once(repo: Repo) -> None:
    session = ScanSession(".")
    source = FilesSource((".",), root=".", limit=LIMIT)
    content = [
        Blob("a", b"x" * 30, part=BlobPart(1, 1, 0, 20)),
        Blob("a", b"x" * 25, part=BlobPart(1, 11, 10, 25)),
        Blob("b", line(github_token()).encode()),
    ]
    told = Examiner(source, session.detectors, "b".__eq__).look(iter(content))
    assert (told.blobs, told.bytes, told.names) == (1, 35, ["a", "b"])
    assert told.found == []
    reasons = [("a", SkipReason.IN_PARTS), ("b", SkipReason.EXCLUDED)]
    assert [(one.path, one.reason) for one in told.skipped] == reasons
