"""`secops baseline`: create, update, audit, and what a scan and the hook make of it."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.cli import COMMAND, Outcome, environment
from support.forked import secops
from support.repos import Repo
from support.values import github_token

NAME = ".secops.baseline.json"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def baseline(repo: Repo, *arguments: str) -> Outcome:
    return secops("baseline", *arguments, cwd=repo.path)


def entries(repo: Repo, name: str = NAME) -> list[dict[str, Any]]:
    document = json.loads((repo.path / name).read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = document["entries"]
    return found


def edit(repo: Repo, **values: object) -> None:
    document = json.loads((repo.path / NAME).read_text(encoding="utf-8"))
    for entry in document["entries"]:
        entry.update(values)
    repo.write(NAME, json.dumps(document))


def test_create_accepts_what_is_there_and_nothing_more(repo: Repo) -> None:
    value = github_token()
    repo.commit({"app.py": f"x = '{value}'\n"})
    outcome = baseline(repo, "create", "--reason", "rotated", "--owner", "team-a", "--expires", "2999-12-31")
    assert outcome.code == 0, outcome.text
    assert f"{NAME}: 1 entry" in outcome.out
    (entry,) = entries(repo)
    assert (entry["rule_id"], entry["path"], entry["line"]) == ("github-pat", "app.py", 1)
    assert (entry["reason"], entry["owner"], entry["expires"]) == ("rotated", "team-a", "2999-12-31")
    assert entry["added"] == date.today().isoformat()
    assert secops("scan", cwd=repo.path).code == 0
    repo.write("app.py", f"x = '{github_token()}'\n")
    assert secops("scan", cwd=repo.path).code == 1
    assert value not in outcome.text + (repo.path / NAME).read_text(encoding="utf-8")


def test_create_does_not_overwrite(repo: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    repo.write(NAME, "mine")
    outcome = baseline(repo, "create")
    assert outcome.code == 2
    assert "baseline update" in outcome.err
    assert (repo.path / NAME).read_text(encoding="utf-8") == "mine"


def test_the_hook_heeds_it(repo: Repo) -> None:
    repo.stage({"app.py": f"x = '{github_token()}'\n"})
    assert secops("hook", "run", cwd=repo.path).code == 1
    assert baseline(repo, "create").code == 0
    assert secops("hook", "run", cwd=repo.path).code == 0


def test_update_keeps_what_people_wrote_adds_what_is_new_and_drops_what_is_gone(repo: Repo) -> None:
    stays = f"x = '{github_token()}'\n"
    repo.commit({"stays.py": stays, "goes.py": f"x = '{github_token()}'\n"})
    baseline(repo, "create", "--reason", "known")
    edit(repo, added="2020-01-01", owner="team-a", expires="2999-01-01")
    repo.commit(
        {"goes.py": "x = 1\n", "stays.py": "# moved down\n" + stays, "new.py": f"x = '{github_token()}'\n"}
    )
    outcome = baseline(repo, "update", "--reason", "new one")
    assert outcome.code == 0, outcome.text
    assert "2 entries, 1 new, 1 dropped" in outcome.out
    assert "dropped: goes.py:1 github-pat" in outcome.out
    new, stayed = entries(repo)
    assert (new["path"], new["reason"], new["owner"]) == ("new.py", "new one", "")
    assert (stayed["path"], stayed["line"], stayed["added"]) == ("stays.py", 2, "2020-01-01")
    assert (stayed["reason"], stayed["owner"], stayed["expires"]) == ("known", "team-a", "2999-01-01")


def test_update_leaves_alone_what_it_did_not_look_at(repo: Repo) -> None:
    repo.commit({"a/app.py": f"x = '{github_token()}'\n", "b/app.py": f"x = '{github_token()}'\n"})
    baseline(repo, "create")
    repo.commit({"a/app.py": "x = 1\n", "b/app.py": "x = 1\n"})
    assert baseline(repo, "update", "a").code == 0
    assert [entry["path"] for entry in entries(repo)] == ["b/app.py"]
    repo.write(".secops.yaml", "scan: {exclude_paths: [b/]}\n")
    assert baseline(repo, "update").code == 0
    assert [entry["path"] for entry in entries(repo)] == ["b/app.py"]


def test_update_needs_one_that_is_there(repo: Repo) -> None:
    for command in ("update", "audit"):
        outcome = baseline(repo, command)
        assert outcome.code == 2
        assert "baseline create" in outcome.err


def test_history_accepts_what_only_history_holds(repo: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    repo.commit({"app.py": "x = 1\n"})
    repo.write("untracked.py", f"x = '{github_token()}'\n")
    assert baseline(repo, "create", "--history", "--reason", "old").code == 0
    assert [entry["path"] for entry in entries(repo)] == ["app.py", "untracked.py"]
    assert secops("scan", "--history", cwd=repo.path).code == 0
    assert baseline(repo, "update", "--history").code == 0
    assert [entry["reason"] for entry in entries(repo)] == ["old", "old"]
    assert baseline(repo, "audit", "--history").code == 0
    assert "--history" in baseline(repo, "update").out  # drops app.py, and says why


def test_audit_tells_age_owner_and_expiry(repo: Repo) -> None:
    value = github_token()
    repo.commit({"app.py": f"x = '{value}'\n"})
    baseline(repo, "create", "--owner", "team-a")
    edit(repo, added=(date.today() - timedelta(days=30)).isoformat(), expires="2999-01-01", reason="because")
    outcome = baseline(repo, "audit")
    assert outcome.code == 0, outcome.text
    assert "app.py:1 github-pat: 30 days old; owner team-a; until 2999-01-01; because" in outcome.out
    assert value not in outcome.text


def test_audit_exits_with_1_for_expired_and_stale_entries(repo: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    baseline(repo, "create")
    edit(repo, expires="2020-01-01")
    outcome = baseline(repo, "audit")
    assert outcome.code == 1
    assert "expired" in outcome.out
    edit(repo, expires=None)
    repo.commit({"app.py": "x = 1\n"})
    outcome = baseline(repo, "audit", "--json")
    assert outcome.code == 1
    document = json.loads(outcome.out)
    assert document["version"] == 1
    assert [entry["standing"] for entry in document["entries"]] == ["stale"]


def test_audit_asks_for_reasons_on_a_terminal(repo: Repo) -> None:
    value = github_token()
    repo.commit({"a.py": f"x = '{value}'\n", "b.py": f"x = '{github_token()}'\n"})
    baseline(repo, "create")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "baseline", "audit"],
        cwd=repo.path,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(ours, b"test key\n\n")
        shown = b""
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:  # the terminal hangs up when its last user has gone
            pass
    os.close(ours)
    assert process.returncode == 0
    assert [entry["reason"] for entry in entries(repo)] == ["test key", ""]
    assert value.encode() not in shown


def test_from_a_baseline_of_detect_secrets(repo: Repo) -> None:
    value, other = github_token(), github_token()
    repo.commit({"app.py": f"x = '{value}'\n", "new.py": f"x = '{other}'\n"})
    found = {
        "app.py": [
            {"type": "Secret Keyword", "hashed_secret": _sha1(value), "line_number": 1, "is_secret": False}
        ],
        "gone.py": [{"type": "Secret Keyword", "hashed_secret": _sha1("was here"), "line_number": 3}],
    }
    repo.write(".secrets.baseline", json.dumps({"version": "1.5.0", "plugins_used": [], "results": found}))
    outcome = baseline(repo, "create", "--from", ".secrets.baseline", "--owner", "team-a")
    assert outcome.code == 0, outcome.text
    assert "gone.py:3" in outcome.out
    (entry,) = entries(repo)
    assert (entry["path"], entry["owner"]) == ("app.py", "team-a")
    assert "false positive" in entry["reason"]
    (repo.path / ".secrets.baseline").unlink()
    assert secops("scan", cwd=repo.path).code == 1  # new.py was never accepted


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def test_another_file_may_be_named(repo: Repo) -> None:
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    assert baseline(repo, "create", "--baseline", "known.json").code == 0
    assert len(entries(repo, "known.json")) == 1
    assert secops("scan", "--baseline", "known.json", cwd=repo.path).code == 0
    assert baseline(repo, "audit", "--baseline", "known.json").code == 0


@pytest.mark.parametrize("day", ["2020-01-01", "tomorrow", "2030-13-01"])
def test_a_day_that_makes_no_sense(repo: Repo, day: str) -> None:
    assert baseline(repo, "create", "--expires", day).code == 2


def test_a_directory_that_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(f"x = '{github_token()}'\n", encoding="utf-8")
    assert secops("baseline", "create", cwd=tmp_path).code == 0
    assert secops("scan", cwd=tmp_path).code == 0
    assert secops("baseline", "update", cwd=tmp_path).code == 0
