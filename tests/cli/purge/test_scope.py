"""What a purge says it was about: what was looked for, what could not be read, what was pushed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secopskit.purge.swap import apply
from support import purges
from support.leak import Leak, branch_named_after
from support.repos import Repo
from support.values import github_token

_DONE = ("--rotated", "--apply", "--yes", "--no-backup")


@pytest.fixture
def leak(tmp_path: Path) -> Leak:
    return Leak(tmp_path)


def _facts(leak: Leak, *arguments: str, code: int = 1) -> Any:
    outcome = leak.purge("--format", "json", *arguments)
    assert outcome.code == code, outcome.text
    return json.loads(outcome.out)


def test_a_path_adds_to_the_findings(leak: Leak) -> None:
    plan = _facts(leak, "--path", "README")
    assert [one["path"] for one in plan["drops"]] == ["README"]
    assert len(plan["values"]) == 1
    assert plan["scope"]["remaining"] == []
    assert leak.purge("--path", "README", *_DONE).code == 0
    assert leak.places_with(leak.token) == []


def test_a_path_alone_names_the_findings_that_remain(leak: Leak) -> None:
    plan = _facts(leak, "--path", "README", "--path-only")
    assert plan["values"] == []
    (left,) = plan["scope"]["remaining"]
    assert left["rule"] == "github-pat"
    outcome = leak.purge("--path", "README", "--path-only", "--apply", "--yes", "--no-backup")
    assert outcome.code == 0, outcome.text
    assert "Nothing is left of what was looked for" in outcome.out
    assert "1 finding of the last scan is no part of this" in " ".join(outcome.out.split())
    (report,) = (leak.repo.path / ".git" / "secops" / "purged").glob("*.report.md")
    assert left["id"] in report.read_text()


def test_a_finding_in_a_file_that_goes_does_not_remain(leak: Leak) -> None:
    leak.repo.commit({"settings.py": f"token = '{github_token()}'\n"})
    assert len(_facts(leak, "--path", "README", "--path-only")["scope"]["remaining"]) == 2
    assert len(_facts(leak, "--path", "settings.py", "--path-only")["scope"]["remaining"]) == 1


@pytest.mark.parametrize("more", [("--path-only",), ("--path", "app.py", "--path-only", "--rule", "x")])
def test_contradictions(leak: Leak, more: tuple[str, ...]) -> None:
    assert leak.purge(*more).code == 2


def test_one_value_alone_says_that_no_scan_was_made(leak: Leak) -> None:
    outcome = leak.apply("--no-backup")
    assert outcome.code == 0, outcome.text
    told = " ".join(outcome.out.split())
    assert "none was made for this" in told
    assert told.count("in base64 at every alignment") == 1  # the forms are told once, and not in two ways
    facts = _facts(leak, "--verify", "--secret-file", str(leak.values), code=0)["scope"]
    assert all(form in told for form in facts["forms"])
    assert all(form in told for form in facts["beyond"])


def test_a_file_that_is_still_there_is_left_over(leak: Leak) -> None:
    proof = _facts(leak, "--verify", "--path", "app.py", "--secret-file", str(leak.values))
    assert "app.py" in [one["name"] for one in proof["leftovers"]]
    gone = leak.purge("--verify", "--path", "never.txt", "--path-only")
    assert "no commit has never.txt" in gone.out


# --- what cannot be read ------------------------------------------------------------------------


def _blob(repo: Repo) -> Path:
    oid = repo.git("rev-parse", "HEAD:README").strip()
    path = repo.path / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"junk" * 9)],
    ids=["missing", "empty", "junk"],
)
def test_an_object_that_cannot_be_read_is_told(leak: Leak, damage: Callable[[Path], object]) -> None:
    path = _blob(leak.repo)
    damage(path)
    other = leak.place / "other.txt"
    other.write_text("a-value-that-stands-nowhere-at-all-4711\n")
    other.chmod(0o600)
    outcome = leak.purge("--secret-file", str(other))
    assert outcome.code == 1, outcome.text
    assert "could not be read" in outcome.out
    assert "stands anywhere" not in outcome.out
    applied = leak.apply("--no-backup")
    assert applied.code not in (0, 70), applied.text
    assert "Nothing is left" not in applied.out
    assert leak.purge("--verify", "--secret-file", str(other)).code == 1


# --- the push -----------------------------------------------------------------------------------


def _ticket(leak: Leak) -> str:
    return " ".join((leak.repo.path / ".git" / "secops" / "purged" / "ticket-origin.txt").read_text().split())


def test_a_push_asks_and_the_ticket_says_pushed_only_when_it_was(leak: Leak) -> None:
    assert leak.apply().code == 0
    assert "NOT READY TO BE SENT" in _ticket(leak)
    assert "force-pushed" not in _ticket(leak)
    before = leak.state(leak.server)
    asked = leak.purge("--push")
    assert (asked.code, leak.state(leak.server)) == (2, before), asked.text
    assert "origin: replaces 2 refs (refs/heads/main, refs/tags/v1)" in asked.err
    assert leak.purge("--push", "--yes").code == 0
    assert "NOT READY" not in _ticket(leak)
    assert "force-pushed" in _ticket(leak)
    new = leak.server.git("rev-parse", "main").strip()
    undone = leak.purge("--rollback", "--yes")
    assert undone.code == 0
    said = " ".join(undone.out.split())
    assert "origin still has the new history" in said
    assert f"refs/heads/main at {new[:12]}" in said


# --- names that hold a value --------------------------------------------------------------------


def test_a_resumed_purge_shows_no_name_with_a_value(leak: Leak, monkeypatch: pytest.MonkeyPatch) -> None:
    value = branch_named_after(leak)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(apply, "finish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            purges.purge(leak.repo, value, leak.token)
    resumed = leak.purge("--resume", "--report", str(leak.place / "report.md"))
    assert "The old objects are gone" in resumed.out, resumed.text
    kept = (leak.repo.path / ".git" / "secops" / "purged").iterdir()
    told = [resumed.text, (leak.place / "report.md").read_text(), *(path.read_text() for path in kept)]
    assert not [text for text in told if value in text]
    pushed = leak.purge("--push", "--yes")
    assert value not in pushed.text
    assert "with a value" in pushed.out  # that the server still has it
