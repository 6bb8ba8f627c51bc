"""What programs have done is looked up where they have done it, whatever they say."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from benchmarks import each, sync
from benchmarks.canaries import in_history, missed
from benchmarks.completeness import GITLEAKS
from benchmarks.leaks import choose, standing
from benchmarks.measure import Entrant, Plan, Reading, compare
from benchmarks.migrate import unapplied, unrehearsed
from benchmarks.process import Output
from benchmarks.purge import Subject
from benchmarks.readings import Amounts
from benchmarks.repositories import git, require_all_objects
from benchmarks.seeds import PLANTED, plant_one
from benchmarks.syncers import Syncer

from support.repos import Repo
from support.values import alnum

ONCE = Plan(warmups=0, rounds=1, sampled=0, timeout=60)
VALUE = "q7Lw" * 8


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "some.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(place))
    blob = git(place, "hash-object", "-w", "--stdin", given=f"token = {VALUE}\n")
    tree = git(place, "mktree", given=f"100644 blob {blob}\tsettings.py\n")
    parent: list[str] = []
    for day in (1, 2, 3):
        dates = {f"GIT_{who}_DATE": f"2020-01-0{day}T00:00:00Z" for who in ("AUTHOR", "COMMITTER")}
        commit = git(place, "commit-tree", tree, *parent, "-m", "work", extra=dates)
        git(place, "update-ref", "refs/heads/main", commit)
        parent = ["-p", commit]
    return place


def test_a_history_that_lacks_an_object_is_not_measured(repository: Path) -> None:
    require_all_objects(repository)
    blob = git(repository, "rev-parse", "main:settings.py")
    (repository / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(SystemExit, match="the repository lacks 1 objects"):
        require_all_objects(repository)


def test_a_history_that_is_cut_off_is_not_measured(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", repository.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(SystemExit, match="shallow"):
        require_all_objects(tmp_path / "shallow")


def test_canaries_of_a_history_stand_in_its_first_commit_in_the_middle_and_in_its_last(
    repository: Path,
) -> None:
    planted = in_history(repository)
    patches = git(repository, "log", "-p", "--all", "--date-order", "--format=")
    places = [patches.index(seed.traces[0]) for seed in planted]
    assert places == sorted(places, reverse=True)  # the log begins with the newest
    assert missed(planted, patches) == ""
    assert missed(planted[1:], "") == "it has not found what was planted in seed-middle.cfg, seed-newest.cfg"


def subject(repository: Path) -> Subject:
    commits, refs = (
        frozenset(git(repository, *words).split("\n"))
        for words in (("rev-list", "--all"), ("for-each-ref", "--format=%(objectname) %(refname)"))
    )
    return Subject(base=repository, copy=repository, commits=commits, refs=refs, depth=2, texts=(VALUE,))


def test_a_purge_that_leaves_a_text_in_an_object_that_nothing_reaches_does_not_count(
    repository: Path,
) -> None:
    before = subject(repository)
    clean = git(repository, "mktree", given="")
    for _ in range(3):
        git(repository, "update-ref", "refs/heads/main", git(repository, "commit-tree", clean, "-m", "gone"))
    assert standing(repository, [VALUE, "absent"]) == {VALUE}
    assert before.lacks(Output(), Reading()) == "1 of 1 texts are still in the repository"


def test_words_of_a_purge_stand_in_nothing_older_than_the_leak(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    old, new = alnum(24), alnum(24)
    for number in range(8):
        brought = {0: {"first": old}, 5: {"again": old, "more": f"{old} {alnum(40)}"}, 6: {"leak": new}}
        repo.commit({"same": f"{number}"} | brought.get(number, {}))
    bare = repo.clone(tmp_path / "bare.git", "--bare")
    assert choose(bare.path, 3) == [new]


def test_a_purge_that_changes_another_number_of_commits_does_not_count(repository: Path) -> None:
    before = subject(repository)
    clean = git(repository, "mktree", given="")
    parent = ["-p", git(repository, "rev-parse", "main")]
    blob = git(repository, "rev-parse", "main:settings.py")
    git(
        repository, "update-ref", "refs/heads/main", git(repository, "commit-tree", clean, *parent, "-m", "x")
    )
    (repository / "objects" / blob[:2] / blob[2:]).unlink()
    assert before.lacks(Output(), Reading()) == "0 commits had to change, 2 were to"


def test_a_purge_that_drops_refs_or_commits_does_not_count(repository: Path) -> None:
    before = subject(repository)
    blob = git(repository, "rev-parse", "main:settings.py")
    clean = git(repository, "commit-tree", git(repository, "mktree", given=""), "-m", "gone")
    git(repository, "update-ref", "refs/heads/main", clean)
    (repository / "objects" / blob[:2] / blob[2:]).unlink()
    assert before.lacks(Output(), Reading()) == "it has kept 1 of 3 commits"
    git(repository, "update-ref", "-d", "refs/heads/main")
    assert before.lacks(Output(), Reading()) == "1 of 1 refs are gone"


def test_a_migration_counts_when_all_tables_are_there() -> None:
    assert unapplied(20, Output(), Reading(findings=20)) == ""
    assert unapplied(20, Output(), Reading(findings=19)) == "19 of 20 migrations are applied"


def test_a_dry_run_tells_of_each_file_and_applies_none() -> None:
    told = Output(stdout="20260101000001 ok\n20260101000002 ok\n")
    versions = ["20260101000001", "20260101000002"]
    assert unrehearsed(versions, told, Reading(findings=0)) == ""
    assert unrehearsed([*versions, "20260101000003"], told, Reading(findings=0))
    assert unrehearsed(versions, told, Reading(findings=2))


def test_a_program_that_writes_no_secrets_and_says_that_it_did_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    idle = Syncer(
        name="peer", version="1", command=(sys.executable, "-c", ""), surroundings=lambda _url, _token: {}
    )
    job = sync.Job(values={"A": "1", "B": "2"}, timeout=60)
    with pytest.raises(SystemExit, match="of 2 secrets, 2 are not there, and it ended with exit code 0"):
        sync._undisturbed([idle], job, 1)
    assert capsys.readouterr().out == ""


FINDS = f"""\
import pathlib, sys
pathlib.Path(sys.argv[2]).write_text('[' + ('"{PLANTED}"' if {{condition}} else '') + ']')
"""


def over_two(repository: Path, program: str) -> Entrant:
    other = repository.with_name("other.git")
    git(repository.parent, "clone", "-q", "--bare", str(repository), str(other))
    for one in (repository, other):
        plant_one(one)
    peer = each.Peer(
        name="peer",
        command=(sys.executable, "-I", "-c", program, "{repository}", "{report}"),
        terms=GITLEAKS,
        amounts=lambda _: Amounts(1, 1, 1),
        things="commits",
    )
    return each.entrant(peer, [repository, other])


def test_a_fleet_counts_when_each_repository_was_looked_into(repository: Path) -> None:
    [series] = compare([over_two(repository, FINDS.format(condition="True"))], ONCE)
    assert series.reading.findings == 2


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (FINDS.format(condition="sys.argv[1] != 'other.git'"), f"it has not found .* {PLANTED}"),
        ("import sys; sys.exit(sys.argv[1] == 'other.git')", "it has left no report"),
        ("import os; os.kill(os.getpid(), 9)", "it ended with exit code 137"),
        ("import os; os.kill(os.getppid(), 9)", "it ended with exit code 125"),  # of xargs
    ],
)
def test_a_fleet_does_not_count_where_one_repository_was_not(
    repository: Path, program: str, reason: str
) -> None:
    measured = partial(compare, [over_two(repository, program)], ONCE)
    with pytest.raises(SystemExit, match=f"error: peer.* does not count: {reason}"):
        measured()
