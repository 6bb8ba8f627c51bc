"""`secops fleet scan`, status and report over directories of this machine."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
from io import StringIO
from pathlib import Path

import pytest

from support.fleets import Fleet, leak, repository
from support.repos import Repo
from support.values import github_token


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    home = tmp_path / "home"
    home.mkdir()
    return Fleet(home)


@pytest.fixture
def clones(tmp_path: Path) -> str:
    """Three repositories, two of which have one token; and a directory that is none."""
    token = github_token()
    for name in ("one", "two"):
        repository(tmp_path / "clones" / name, leak(token))
    repository(tmp_path / "clones" / "clean", {"README": "nothing\n"})
    (tmp_path / "clones" / "other").mkdir()
    return str(tmp_path / "clones" / "*")


class TestRuns:
    def test_each_secret_once_with_every_place(self, fleet: Fleet, clones: str) -> None:
        done = fleet.run("scan", "--path", clones)
        assert done.code == 1, done.err
        assert done.out.startswith("1 secret in 3 repositories\n")
        told = fleet.report()
        assert (told["complete"], told["total"], told["new"], told["states"]) == (True, 1, 1, {"scanned": 3})
        (secret,) = told["secrets"]
        assert [os.path.basename(one) for one in secret["repositories"]] == ["one", "two"]
        assert [one["path"] for one in secret["places"]] == ["app.py", "app.py"]

    def test_the_second_run_scans_what_has_changed(self, fleet: Fleet, clones: str, tmp_path: Path) -> None:
        fleet.run("scan", "--path", clones)
        Repo(tmp_path / "clones" / "clean").commit(leak())
        done = fleet.run("scan", "--path", clones, "--fail-on", "new")
        assert done.code == 1
        told = fleet.report("--new")
        assert (told["states"], told["new"]) == ({"scanned": 1, "unchanged": 2}, 1)
        assert [os.path.basename(one) for one in told["secrets"][0]["repositories"]] == ["clean"]
        assert fleet.run("scan", "--path", clones, "--fail-on", "new").code == 0
        assert fleet.run("scan", "--path", clones).code == 1
        assert fleet.run("scan", "--path", clones, "--fail-on", "never").code == 0

    def test_again_scans_all(self, fleet: Fleet, clones: str) -> None:
        fleet.run("scan", "--path", clones)
        fleet.run("scan", "--path", clones, "--again")
        assert fleet.report()["states"] == {"scanned": 3}

    def test_one_that_fails_leaves_the_others_and_is_told(
        self, fleet: Fleet, clones: str, tmp_path: Path
    ) -> None:
        broken = tmp_path / "clones" / "broken"
        (broken / ".git").mkdir(parents=True)
        done = fleet.run("scan", "--path", clones, "--fail-on", "never")
        assert done.code == 3
        assert "of which 1 was not looked into" in done.out
        told = fleet.report()
        assert (told["complete"], told["states"]) == (False, {"failed": 1, "scanned": 3})
        (failed,) = (one for one in told["repositories"] if one["state"] == "failed")
        assert failed["name"] == str(broken)
        assert failed["reason"]
        assert str(broken) in fleet.run("status").out

    def test_what_the_repositories_hold_back_is_counted_and_can_be_seen(
        self, fleet: Fleet, tmp_path: Path
    ) -> None:
        repository(tmp_path / "one", leak() | {".gitleaksignore": "app.py:github-pat:1\n"})
        assert fleet.run("scan", "--path", str(tmp_path / "one")).code == 0
        assert "Held back" in fleet.run("status").out
        assert fleet.run("scan", "--path", str(tmp_path / "one"), "--no-baseline").code == 1
        assert fleet.report()["selection"].endswith("whatever their baselines say")

    def test_the_parent_of_a_broken_one_is_not_scanned_in_its_place(
        self, fleet: Fleet, tmp_path: Path
    ) -> None:
        repository(tmp_path / "parent", leak())
        for name, spoil in (("without-head", "HEAD"), ("empty", "")):
            child = repository(tmp_path / "parent" / name, leak()).path / ".git"
            if spoil:
                (child / spoil).write_text("")
            else:
                shutil.rmtree(child)
                child.mkdir()
        done = fleet.run("scan", "--path", str(tmp_path / "parent" / "*"))
        assert done.code == 3, done.text
        told = fleet.report()
        assert (told["states"], told["total"]) == ({"failed": 2}, 0)
        assert all("one above it" in one["reason"] for one in told["repositories"])

    def test_a_path_need_be_no_text(self, fleet: Fleet, tmp_path: Path) -> None:
        path = os.fsencode(tmp_path) + b"/caf\xe9"
        repository(Path(os.fsdecode(path)), leak())
        gone = tmp_path / "list"
        gone.write_bytes(path + b"\n" + os.fsencode(tmp_path) + b"/gone\xff\n")
        assert fleet.run("scan", "--path", str(tmp_path / "caf*")).code == 1
        assert list(fleet.states()) == [str(tmp_path / "caf\\xe9")]
        done = fleet.run("scan", "--repos", str(gone))
        assert done.code == 1, done.text
        assert [*fleet.states().values()] == ["unchanged", "failed"]
        for form in ("text", "csv", "html"):
            assert fleet.run("report", "-f", form, "-o", f"x.{form}").code == 0

    def test_what_cannot_be_listed_does_not_end_the_others(self, fleet: Fleet, tmp_path: Path) -> None:
        for name in ("one", "two"):
            repository(tmp_path / name, {"README": "x\n"})
        (tmp_path / "list").write_text("one\n./gone\nhttps://[x/acme/app\nftp://h/x\ntwo\n")
        words = ("--path", "/no/such/*", "--repos", str(tmp_path / "list"))
        done = fleet.run("scan", *words)
        assert done.code == 3, done.text
        told = fleet.report()
        assert {os.path.basename(one["name"]): one["state"] for one in told["repositories"]} == {
            "gone": "failed",
            "one": "scanned",
            "two": "scanned",
        }
        assert not told["complete"]
        assert [
            note for note in told["notes"] if "is not complete" in note and "matches no directory" in note
        ]
        assert [note for note in told["notes"] if "list:3: it cannot be an address; and 1 more line" in note]
        repository(tmp_path / "gone", leak())
        assert fleet.run("scan", *words).code == 1

    def test_what_nobody_tells_is_kept_and_said(self, fleet: Fleet, clones: str) -> None:
        fleet.run("scan", "--path", clones, "--no-archived", "--visibility", "public")
        assert fleet.report()["notes"] == [
            "3 repositories kept: nobody tells whether archived, of another visibility."
        ]


class TestNew:
    def test_what_a_killed_run_has_seen_is_new_to_the_next(self, fleet: Fleet, clones: str) -> None:
        fleet.run("scan", "--path", clones)
        with sqlite3.connect(fleet.home / "fleet" / "fleet.sqlite") as database:
            database.execute("UPDATE run SET ended = ''")  # as a kill leaves it
        others = ("scan", "--path", clones, "--exclude", "nobody", "--fail-on", "new")
        assert fleet.run(*others).code == 1
        assert fleet.run(*others).code == 0
        assert fleet.run("scan", "--path", clones, "--fresh", "--fail-on", "new").code == 0

    def test_it_is_so_of_each_repository(self, fleet: Fleet, tmp_path: Path) -> None:
        token = github_token()
        old = repository(tmp_path / "old", leak(token) | {"CODEOWNERS": "* @Acme/Pay\n"})
        other = repository(tmp_path / "other", {"CODEOWNERS": "* @acme/web\n"})
        words = ("scan", "--path", str(tmp_path / "o*"))
        fleet.run(*words)
        old.git("rm", "-q", "app.py")
        old.commit({})
        other.commit(leak(token))
        assert fleet.run(*words, "--fail-on", "new").code == 1
        told = fleet.report()
        assert {os.path.basename(one["name"]): one["new"] for one in told["repositories"]} == {
            "old": 0,
            "other": 1,
        }
        (secret,) = told["secrets"]
        assert [(one["new"], one["in_head"], one["owners"]) for one in secret["holders"]] == [
            (False, False, ["@Acme/Pay"]),
            (True, True, ["@acme/web"]),
        ]
        rows = list(csv.DictReader(StringIO(fleet.run("report", "-f", "csv").out)))
        assert {(os.path.basename(row["repository"]), row["new"], row["in_head"]) for row in rows} == {
            ("old", "no", "no"),
            ("other", "yes", "yes"),
        }
        for chosen, number in (
            (("--new", "--repository", "old"), 0),
            (("--new", "--repository", "OTHER"), 1),
            (("--owner", "@acme/pay", "--in-head"), 0),
            (("--owner", "@acme/pay"), 1),
            (("--owner", "@acme/web", "--in-head"), 1),
        ):
            assert len(fleet.report(*chosen)["secrets"]) == number, chosen


class TestResumed:
    def test_what_is_no_longer_listed_is_left_out(self, fleet: Fleet, tmp_path: Path) -> None:
        for name in ("kept", "left"):
            repository(tmp_path / name, leak())
        listing = tmp_path / "list"
        listing.write_text("kept\nleft\n")
        fleet.run("scan", "--repos", str(listing))
        with sqlite3.connect(fleet.home / "fleet" / "fleet.sqlite") as database:
            database.execute("UPDATE run SET ended = ''")
            database.execute("UPDATE unit SET state = 'waiting', scan = NULL WHERE id = 2")
        listing.write_text("kept\n")
        done = fleet.run("scan", "--repos", str(listing))
        assert "had been broken off, and goes on" in done.err
        told = fleet.report()
        assert [os.path.basename(one["name"]) for one in told["repositories"]] == ["kept"]
        assert told["notes"] == ["1 repository no longer listed since the run was begun."]
        listing.write_text("left\n")
        assert fleet.run("scan", "--repos", str(listing), "--fail-on", "new").code == 1


class TestWrongInput:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ((), "which repositories?"),
            (("--path", "/no/such/*"), "matches no directory"),
            (("--path", "/"), "none that is a repository"),
            (("--repos", "/no/such/file"), "cannot be read"),
            (("--repos", "/dev/null"), "there is no repository to scan"),
            (("--path", "x", "--tls-key", "/etc/hostname"), "belongs to --scheduler"),
            (("--path", "x", "--scheduler", "tls://h:1", "-j", "2"), "workers of its own"),
            (("--path", "x", "--scheduler", "tcp://192.0.2.1:8786"), "could run programs"),
            (("--path", "x", "--scheduler", ""), "names nothing"),
            (("--path", "x", "--scheduler", "127.0.0.1"), "no address of a Dask scheduler"),
            (("--path", "x", "--scheduler", "127.0.0.1:abc"), "no address of a Dask scheduler"),
            (("--path", "x", "--scheduler", "tcp://[::1"), "no address of a Dask scheduler"),
            (("--path", "x", "--dask", "--clones", "y"), "Leave out --clones"),
        ],
    )
    def test_is_told(self, fleet: Fleet, words: tuple[str, ...], said: str) -> None:
        from support.cli import secops

        done = secops("fleet", "scan", "--fleet", str(fleet.home / "fleet"), *words, cwd=fleet.home)
        assert done.code in (2, 5), done.text
        assert said in done.err
        assert "Traceback" not in done.text

    def test_nothing_was_scanned_yet(self, fleet: Fleet) -> None:
        for name in ("status", "report"):
            done = fleet.run(name)
            assert done.code == 2
            assert "no fleet has been scanned" in done.err

    def test_a_cache_that_cannot_be_used_is_told_once(self, fleet: Fleet, clones: str) -> None:
        (fleet.home / "file").write_text("x")
        for place in ("/proc/none", str(fleet.home / "file")):
            done = fleet.run("scan", "--path", clones, SECOPS_CACHE_DIR=place)
            assert done.code == 2, done.text
            assert "cannot be made, or used" in done.err
            assert "SECOPS_CACHE_DIR" in done.err

    def test_filters_that_leave_nothing_are_no_clean_scan(self, fleet: Fleet, clones: str) -> None:
        done = fleet.run("scan", "--path", clones, "--exclude", "*")
        assert done.code == 2
        assert "there is no repository to scan. 3 repositories left out: not named." in done.err

    def test_another_key_is_refused(self, fleet: Fleet, clones: str) -> None:
        fleet.run("scan", "--path", clones)
        (fleet.home / "fleet" / "fleet.key").unlink()
        done = fleet.run("scan", "--path", clones)
        assert done.code == 5
        assert "fleet.key" in done.err

    def test_a_list_that_fails_at_once_hides_no_earlier_run(self, fleet: Fleet, clones: str) -> None:
        fleet.run("scan", "--path", clones)
        fleet.run("scan", "--path", "/no/such/*")
        assert fleet.report()["total"] == 1


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """A fleet whose first run is over."""
    place = tmp_path_factory.mktemp("scanned")
    token = github_token()
    for name in ("one", "two"):
        repository(place / "clones" / name, leak(token))
    repository(place / "clones" / "clean", {"README": "nothing\n"})
    (place / "home").mkdir()
    fleet = Fleet(place / "home")
    assert fleet.run("scan", "--path", str(place / "clones" / "*")).code == 1
    return fleet


class TestForms:
    def test_a_table(self, scanned: Fleet) -> None:
        done = scanned.run("report", "-f", "csv")
        rows = list(csv.DictReader(StringIO(done.out)))
        assert [(os.path.basename(row["repository"]), row["path"], row["new"]) for row in rows] == [
            ("one", "app.py", "yes"),
            ("two", "app.py", "yes"),
        ]
        assert "not read: 0; held back: 0" in done.err

    def test_a_page(self, scanned: Fleet) -> None:
        done = scanned.run("report", "-f", "html", "-o", "fleet.html")
        assert done.code == 0
        page = (scanned.home / "fleet.html").read_text()
        assert page.startswith("<!doctype html>")
        assert "1 secret in 3 repositories" in page
        assert os.stat(scanned.home / "fleet.html").st_mode & 0o777 == 0o600

    def test_a_sarif_file_for_each_repository(self, scanned: Fleet) -> None:
        assert scanned.run("report", "-f", "sarif", "-o", "sarif").code == 0
        files = sorted((scanned.home / "sarif").glob("*.sarif"))
        assert len(files) == 3
        results = [len(json.loads(file.read_text())["runs"][0]["results"]) for file in files]
        assert sorted(results) == [0, 1, 1]

    def test_a_sarif_file_of_a_repository_that_has_gone_goes(self, fleet: Fleet, tmp_path: Path) -> None:
        gone = repository(tmp_path / "clones" / "gone", leak()).path
        deep = tmp_path / "clones" / "/".join(["d" * 60] * 5)
        deep.mkdir(parents=True)
        repository(deep / "deep", leak())
        repository(tmp_path / "clones" / "kept", leak())
        (fleet.home / "sarif").mkdir()
        (fleet.home / "sarif" / "others.sarif").write_text("{}")
        words = ("--path", str(tmp_path / "clones" / "*"), "--path", str(deep / "deep"))
        fleet.run("scan", *words)
        assert fleet.run("report", "-f", "sarif", "-o", "sarif").code == 0
        before = {file.name for file in (fleet.home / "sarif").glob("*.sarif")}
        assert len(before) == 4
        shutil.rmtree(gone)
        fleet.run("scan", *words)
        assert fleet.run("report", "-f", "sarif", "-o", "sarif").code == 0
        after = {file.name for file in (fleet.home / "sarif").glob("*.sarif")}
        assert [name for name in before - after if name.endswith("-gone.sarif")] == [*(before - after)]
        assert len(after) == 3

    @pytest.mark.parametrize(
        ("words", "number"),
        [
            (("--min-severity", "critical"), 1),
            (("--owner", "@nobody"), 0),
            (("--repository", "*/two"), 1),
            (("--repository", "*/clean"), 0),
            (("--in-head",), 1),
            (("--new",), 1),
        ],
    )
    def test_what_is_chosen(self, scanned: Fleet, words: tuple[str, ...], number: int) -> None:
        told = scanned.report(*words)
        assert (len(told["secrets"]), told["total"]) == (number, 1)
        assert told["filtered"]

    @pytest.mark.parametrize(
        "words",
        [
            ("-f", "sarif"),
            ("-f", "sarif", "-o", "x", "--new"),
            ("-f", "json", "--limit", "3"),
            ("--owner", ""),
            ("--repository", ""),
        ],
    )
    def test_what_does_not_go_together(self, scanned: Fleet, words: tuple[str, ...]) -> None:
        assert scanned.run("report", *words).code == 2
