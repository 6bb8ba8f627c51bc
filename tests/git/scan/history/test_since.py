"""`--since`: a revision or a day; what is neither is refused, since git reads any text as some time."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import ExitCode, UsageError
from secopskit.git.repository import Repository
from secopskit.scan.history.objects.since import since
from support.forked import secops
from support.history import line
from support.repos import Repo
from support.values import github_token


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Three commits, at noon of 1, 2 and 3 March, each with a secret of its own."""
    repo = Repo.create(tmp_path_factory.mktemp("since") / "repo")
    for day in (1, 2, 3):
        repo.write(f"day{day}.py", line(github_token()))
        repo.git("add", ".")
        moment = f"2026-03-0{day}T12:00:00+0000"
        repo.git(
            "commit", "-q", "-m", f"day {day}", env={"GIT_COMMITTER_DATE": moment, "GIT_AUTHOR_DATE": moment}
        )
    repo.git("branch", "2026-03-03")
    return repo


def commits(repo: Repo, start: str) -> int:
    opened = Repository.open(str(repo.path))
    assert opened
    return len(opened.run("rev-list", *since(opened, start).revisions, "--").split())


@pytest.mark.parametrize(
    ("start", "number"),
    [
        ("2026-03-02T00:00:00Z", 2),
        ("2026-03-02 11:59", 2),
        ("2026-03-02T12:30:00+00:00", 1),
        ("2026-02-01", 3),
        ("2026-03-01", 3),  # from midnight on, whatever time of day it is now
        ("2040-01-01", 0),
        ("HEAD~1", 1),
        ("2026-03-03", 0),  # here, a branch
        ("1 day ago", 0),
        ("30.years.ago", 3),
    ],
)
def test_a_day_or_a_revision(repo: Repo, start: str, number: int) -> None:
    assert commits(repo, start) == number


@pytest.mark.parametrize("start", ["nonsense", "last tuesday", "2026-3-1", "--all", "", "HEAD..HEAD~1"])
def test_what_is_neither_is_refused(repo: Repo, start: str) -> None:
    with pytest.raises(UsageError):
        commits(repo, start)


def test_a_range_that_begins_with_nothing_is_no_range(repo: Repo) -> None:
    for empty in ("..HEAD", "...HEAD", "HEAD ..HEAD"):
        done = secops("scan", "--range", empty, cwd=repo.path)
        assert done.code == ExitCode.USAGE
        assert "begins with no commit" in done.err


def test_on_the_command_line(repo: Repo, tmp_path: Path) -> None:
    done = secops("scan", "--since", "2026-03-02T00:00Z", "--format", "plain", cwd=repo.path)
    assert done.code == ExitCode.FINDINGS
    assert "day1.py" not in done.out
    assert "day2.py" in done.out
    empty = Repo.create(tmp_path / "empty")
    assert secops("scan", "--since", "2026-03-02", cwd=empty.path).code == ExitCode.USAGE
