"""`secops purge-history`: what its users do and see, from the plan to the push and back."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.archives import zipped
from support.cli import SOURCE
from support.forked import secops
from support.leak import Leak, Terminal, branch_named_after, weak_password
from support.values import github_token


@pytest.fixture
def leak(tmp_path: Path) -> Leak:
    return Leak(tmp_path)


def facts(leak: Leak, *arguments: str, code: int = 1) -> dict[str, Any]:
    outcome = leak.purge("--format", "json", *arguments)
    assert outcome.code == code, outcome.text
    found = json.loads(outcome.out)
    assert isinstance(found, dict)
    return found


# --- the plan ---------------------------------------------------------------------------------


def test_the_plan_tells_all_and_changes_nothing(leak: Leak) -> None:
    before = leak.state()
    plan = facts(leak)
    assert leak.state() == before
    assert leak.places_with(leak.token)
    (value,) = plan["values"]
    assert (value["rule"], value["rotated"], value["confined"]) == ("github-pat", False, False)
    assert {spot["place"]: (spot["count"], spot["names"][:1]) for spot in value["spots"]} == {
        "file content": (1, ["app.py"]),
        "messages and authors": (1, [leak.repo.git("rev-parse", "main").strip()]),
    }
    assert (plan["commits"], plan["total_commits"], plan["first"]) == (2, 3, [leak.first])
    assert set(plan["refs"]) == {"refs/heads/main", "refs/remotes/origin/main", "refs/tags/v1"}
    assert plan["current"] == []
    assert "Revoke" in value["remediation"]


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_every_form_tells_the_plan_without_the_value(leak: Leak, form: str) -> None:
    outcome = leak.purge("--format", form, "-vv")
    assert outcome.code == 1
    assert "app.py" in outcome.out
    assert leak.first[:12] in outcome.out
    assert leak.token not in outcome.text


@pytest.mark.parametrize(
    ("name", "sign"), [("r.json", '"kind": "plan"'), ("r.md", "# Purge"), ("r.txt", "Purge of")]
)
def test_a_report_is_written_for_its_owner_alone(leak: Leak, name: str, sign: str) -> None:
    file = leak.place / name
    assert leak.purge("--report", str(file)).code == 1
    assert sign in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_found_is_nothing_to_do(leak: Leak) -> None:
    other = leak.place / "other"
    other.write_text(github_token())
    other.chmod(0o600)
    before = leak.state()
    outcome = leak.purge("--secret-file", str(other), "--rotated", "--apply", "--yes")
    assert outcome.code == 0
    assert "nothing to purge" in outcome.out
    assert leak.state() == before


def test_findings_are_chosen_and_accepted_ones_left_alone(leak: Leak) -> None:
    second = github_token()
    leak.repo.commit({"b.py": f"B = '{second}'  # secops: allow[github-pat] a test's\n"})
    plan = facts(leak)
    assert len(plan["values"]) == 1
    assert any("accepts" in remark for remark in plan["remarks"])
    both = json.loads(secops("scan", "--history", "-f", "json", cwd=leak.repo.path).out)
    accepted = both["suppressed"][0]["finding"]["id"]
    chosen = facts(leak, "--finding", accepted[:8])
    assert [value["finding"] for value in chosen["values"]] == [accepted]
    assert len(facts(leak, "--rule", "github-pat")["values"]) == 1
    assert leak.purge("--rule", "no-such-rule").code == 2
    assert leak.purge("--finding", "ffffffffffff").code == 2


@pytest.mark.slow
def test_a_report_of_this_clone_or_another_names_the_findings(leak: Leak) -> None:
    clone = leak.server.clone(leak.place / "clone")
    for where in (leak.repo, clone):
        file = leak.place / f"{where.path.name}.json"
        assert secops("scan", "--history", "-f", "json", "-o", file, cwd=where.path).code == 1
        assert len(facts(leak, "--findings", str(file))["values"]) == 1
    file.write_text("[]")
    assert "not a JSON report" in leak.purge("--findings", str(file)).err


def test_crafted_names_cannot_steer_the_terminal(leak: Leak) -> None:
    leak.repo.commit({"a\x1b[31m\n\u202eb.py": f"T = '{leak.token}'\n"}, "odd")
    leak.repo.git("update-ref", "refs/heads/odd\u202ename", "HEAD")
    for form in ("text", "markdown", "json"):
        outcome = leak.purge("-v", "--format", form)
        assert outcome.code == 1
        assert not any(sign in outcome.text for sign in ("\x1b", "\u202e"))
        assert "31m" in outcome.out


# --- consent ----------------------------------------------------------------------------------


def test_what_is_not_rotated_is_not_purged(leak: Leak) -> None:
    before = leak.state()
    outcome = leak.purge("--apply", "--yes")
    assert outcome.code == 5
    assert "Revoke" in outcome.out
    assert "--rotated" in outcome.err
    assert leak.state() == before
    plan = facts(leak)
    when = {"version": 1, "rotated": {plan["values"][0]["fingerprint"]: "2030-01-01T00:00:00Z"}}
    leak.repo.write(".git/secops/rotations.json", json.dumps(when))
    assert leak.purge("--apply", "--yes", "--no-backup").code == 0


def test_rotation_is_stated_by_number_or_finding(leak: Leak) -> None:
    finding = facts(leak)["values"][0]["finding"]
    assert facts(leak, "--rotated", finding[:6])["values"][0]["rotated"]
    assert facts(leak, "--rotated", "1")["values"][0]["rotated"]
    assert leak.purge("--rotated", "2").code == 2


def test_without_a_terminal_nothing_is_changed_unasked(leak: Leak) -> None:
    before = leak.state()
    outcome = leak.purge("--rotated", "--apply")
    assert outcome.code == 2
    assert "--yes" in outcome.err
    assert leak.state() == before


def test_on_a_terminal_the_name_of_the_repository_is_typed(leak: Leak) -> None:
    before = leak.state()
    arguments = ("purge-history", "--secret-file", str(leak.values), "--rotated", "--apply", "--no-backup")
    terminal = Terminal(*arguments, cwd=leak.repo.path)
    terminal.answer("type app", "yes")
    assert terminal.close() == 5
    assert leak.state() == before
    terminal = Terminal(*arguments, cwd=leak.repo.path)
    terminal.answer("type app", "app")
    assert terminal.close() == 0
    assert leak.places_with(leak.token) == []
    assert leak.token not in terminal.text


def test_values_are_typed_unseen(leak: Leak) -> None:
    terminal = Terminal("purge-history", "--prompt", cwd=leak.repo.path)
    terminal.answer("value 1", leak.token)
    terminal.answer("value 2", "")
    assert terminal.close() == 1
    assert "app.py" in terminal.text
    assert leak.token not in terminal.text
    assert leak.purge("--prompt").code == 2


@pytest.mark.slow
def test_a_common_word_is_replaced_where_it_was_found_and_only_if_agreed(leak: Leak) -> None:
    weak_password(leak)
    left_out = leak.purge("--rotated", "--apply", "--yes", "--no-backup")
    assert left_out.code == 1
    assert "too common a word" in left_out.out
    assert "postgres" in leak.repo.git("show", "main:.env")
    terminal = Terminal("purge-history", "--rotated", "--apply", "--no-backup", cwd=leak.repo.path)
    terminal.answer("nowhere else?", "y")
    terminal.answer("type app", "app")
    terminal.close()
    assert leak.repo.git("show", "main:.env") == "POSTGRES_PASSWORD=***REMOVED***\n"
    assert leak.repo.git("show", "main:notes.txt") == "we use postgres\n"


def test_a_common_word_given_by_hand_has_no_place(leak: Leak) -> None:
    weak_password(leak)
    plan = json.loads(leak.purge("--secret-file", "-", "--format", "json", stdin=b"postgres\n").out)
    assert plan["values"] == []
    assert "no place" in plan["left_out"][0]


# --- applying ---------------------------------------------------------------------------------


def test_unattended_all_of_it_is_gone_and_proven(leak: Leak) -> None:
    leak.repo.write("wip.txt", "mine\n")
    leak.repo.write("README", "changed\n")
    old = leak.repo.git("rev-parse", "old")
    result = leak.apply("--no-backup", "--format", "json")
    assert result.code == 0, result.text
    told = json.loads(result.out)
    assert told["kind"] == "outcome"
    assert told["proof"]["holds"]
    assert (told["commits"], told["kept"]) == (2, 1)
    assert leak.places_with(leak.token) == []
    assert leak.token not in result.text
    assert leak.repo.git("rev-parse", "old") == old
    assert leak.repo.git("status", "--short") == " M README\n?? wip.txt\n"
    assert leak.repo.git("show", "main~1:app.py") == 'TOKEN = "***REMOVED***"\n'
    assert leak.repo.git("log", "-1", "--format=%s").strip() == "no more ***REMOVED***"
    leak.repo.git("fsck", "--full", "--strict")
    assert not list(leak.place.glob("*backup*"))


def test_what_takes_the_place_of_a_value_is_chosen(leak: Leak) -> None:
    leak.apply("--no-backup", "--replacement-for", "1", "<gone>", "--replacement", "other")
    assert leak.repo.git("show", "main~1:app.py") == 'TOKEN = "<gone>"\n'
    assert leak.purge("--replacement", "two\nlines").code == 2
    assert leak.purge("--replacement-for", "9", "x").code == 2


@pytest.mark.parametrize(
    ("style", "text"), [("rule", "***REMOVED:github-pat***"), ("length", "***REMOVED***" + 27 * "*")]
)
def test_the_replacement_may_name_the_rule_or_keep_the_length(leak: Leak, style: str, text: str) -> None:
    assert leak.purge("--style", style, "--rotated", "--apply", "--yes", "--no-backup").code == 0
    assert leak.repo.git("show", "main~1:app.py") == f'TOKEN = "{text}"\n'


@pytest.mark.parametrize("keeps", [True, False])
def test_a_file_is_removed_from_every_commit_or_from_the_past(leak: Leak, keeps: bool) -> None:
    arguments = ("--path", "app.py", "--path-only", *(("--keep-head",) if keeps else ()))
    (drop,) = facts(leak, *arguments)["drops"]
    assert (drop["path"], drop["keeps_head"]) == ("app.py", keeps)
    outcome = leak.purge(*arguments, "--apply", "--yes", "--no-backup")
    assert outcome.code == 0, outcome.text
    assert leak.repo.git("ls-tree", "--name-only", "main~1") == "README\n"
    assert leak.repo.git("ls-tree", "--name-only", "main") == ("README\napp.py\n" if keeps else "README\n")
    assert leak.repo.git("status", "--short") == ""


def test_an_archive_is_named_and_goes_only_if_somebody_says_so(leak: Leak) -> None:
    leak.repo.commit({"dist.zip": zipped({"conf/.env": f"TOKEN={leak.token}\n".encode()})})
    plan = facts(leak, "--secret-file", str(leak.values))
    assert plan["archives"] == ["dist.zip!conf/.env"]
    assert any("--archives drop" in blocker for blocker in plan["blockers"])
    refused = leak.apply("--no-backup")
    assert (refused.code, "--archives" in refused.err) == (5, True)
    outcome = leak.apply("--no-backup", "--archives", "drop")
    assert outcome.code == 0, outcome.text
    assert "Nothing is left" in outcome.out
    assert leak.repo.git("ls-tree", "--name-only", "main").split() == ["README", "app.py"]


@pytest.mark.parametrize("name", ["nowhere.txt", "../app.py", "/app.py", "", ".git/config"])
def test_a_file_that_no_commit_has_is_a_mistake(leak: Leak, name: str) -> None:
    assert leak.purge("--path", name).code == 2


def test_what_stands_in_the_way_is_told_by_the_plan_and_stops_the_rest(leak: Leak) -> None:
    leak.repo.write(".git/MERGE_HEAD", leak.clean)
    blocked = facts(leak)
    assert "git merge --abort" in blocked["blockers"][0]
    assert leak.apply().code == 5
    clone = leak.server.clone(leak.place / "shallow", "--depth=1")
    outcome = secops("purge-history", cwd=clone.path)
    assert outcome.code == 5
    assert "git fetch --unshallow" in outcome.err


def test_nothing_that_the_repository_configures_is_run(leak: Leak) -> None:
    marker = leak.place / "pwned"
    evil = leak.repo.write(".git/evil", f"#!/bin/sh\ntouch {marker}\ncat\n")
    evil.chmod(0o755)
    leak.repo.commit({".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    for key in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv"):
        leak.repo.git("config", key, str(evil))
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.alternateRefsCommand",
        "gpg.program",
    ):
        leak.repo.git("config", key, str(evil))
    hooks = leak.repo.path / ".git/hooks"
    for hook in (
        "post-checkout",
        "post-rewrite",
        "reference-transaction",
        "pre-auto-gc",
        "post-index-change",
    ):
        shutil.copy(evil, hooks / hook)
    outcome = leak.apply("--no-backup", "--push")
    assert outcome.code == 5  # core.sshCommand: the push is refused, and all the rest is done
    assert "core.sshcommand" in outcome.err
    assert not marker.exists()
    assert leak.places_with(leak.token) == []
    assert (hooks / "post-checkout").exists()


def test_a_purge_that_was_cut_off_is_finished(leak: Leak) -> None:
    before = leak.state()
    killed = Terminal(*leak.unattended, "--no-backup", cwd=leak.repo.path)
    killed.kill_at("clean-up")
    assert leak.state() != before
    again = leak.purge("--verify")
    outcome = leak.apply()
    assert again.code in (0, 1)
    if outcome.code == 5:  # unless it was faster than the signal
        assert "--resume" in outcome.err
        resumed = leak.purge("--resume", "--secret-file", str(leak.values))
        assert resumed.code == 0, resumed.text
    assert leak.places_with(leak.token) == []
    assert leak.first in left_behind(leak)["ticket-origin.txt"]


def test_a_leftover_is_named_and_the_exit_code_says_so(leak: Leak) -> None:
    leak.repo.write("notes.txt", f"remember {leak.token}\n")
    result = leak.apply("--no-backup")
    assert result.code == 1
    assert "NOT clean" in result.out
    assert "notes.txt" in result.out
    assert leak.token not in result.text


# --- afterwards -------------------------------------------------------------------------------


def left_behind(leak: Leak) -> dict[str, str]:
    directory = leak.repo.path / ".git/secops/purged"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}
    return {re.sub(r"^[\d-]+\.", "", path.name): path.read_text() for path in directory.iterdir()}


def test_what_others_need_is_written_down(leak: Leak) -> None:
    main = leak.repo.head
    leak.apply("--no-backup")
    files = left_behind(leak)
    assert set(files) >= {
        "ids",
        "report.md",
        "commit-map",
        "collaborators.md",
        "ticket-origin.txt",
        "purged-ids.txt",
    }
    assert leak.first in files["ticket-origin.txt"]
    assert f"{main} is now {leak.repo.head}" in files["collaborators.md"]
    assert f"{main} {leak.repo.head}\n" in files["commit-map"]
    assert main in files["purged-ids.txt"]
    assert leak.clean not in files["purged-ids.txt"]
    assert "git push --force-with-lease" in files["report.md"]
    assert not any(leak.token in text for text in files.values())


@pytest.mark.slow
def test_whoever_follows_the_instructions_keeps_his_work_and_brings_nothing_back(leak: Leak) -> None:
    clone = leak.server.clone(leak.place / "clone")
    clone.commit({"mine": "work\n"}, "mine")
    leak.apply("--no-backup", "--push")
    letter = left_behind(leak)["collaborators.md"]
    found = re.search(r"\*\*main\*\*: (\w+) is now (\w+)", letter)
    assert found
    for line in re.findall(r"^git .*", letter, re.MULTILINE):
        words = line.partition("#")[0].replace("<new>", found[2]).replace("<old>", found[1]).split()
        if "<branch>" not in line:
            clone.git(*(word.replace("<your-branch>", "main") for word in words[1:]))
    assert clone.git("log", "--format=%s", "-2").split("\n")[:2] == ["mine", "no more ***REMOVED***"]
    assert leak.token not in clone.git("log", "--all", "--reflog", "-p")
    asked = clone.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    assert leak.first not in asked
    clone.git("push", "-q", "origin", "main")


def test_the_remote_is_brought_along(leak: Leak) -> None:
    leak.server.git("update-ref", "refs/pull/12/head", "main")
    result = leak.apply("--no-backup", "--push", "--format", "json")
    told = json.loads(result.out)
    assert {one["fate"] for one in told["pushed"]["refs"]} == {"replaced"}
    assert told["pushed"]["stale"] == ["origin: refs/pull/12/head"]
    assert result.code == 1  # for the host has something to do
    assert leak.server.git("rev-parse", "main", "v1") == leak.repo.git("rev-parse", "main", "v1")
    assert "#12" in left_behind(leak)["ticket-origin.txt"]
    again = leak.purge("--push", "--yes")
    assert again.code == 1  # as long as the host has not
    assert "Nothing is waiting" in again.out
    assert "origin: refs/pull/12/head" in again.out
    leak.server.git("update-ref", "-d", "refs/pull/12/head")
    last = leak.purge("--push", "--yes")
    assert last.code == 0
    assert "No ref of the remotes is at an old commit" in " ".join(last.out.split())


def test_every_remote_is_asked_what_it_still_has(leak: Leak) -> None:
    for repo in (leak.repo, leak.server):
        repo.git("tag", "-d", "v1")  # a tag may be on any remote, and is pushed to all
    other = leak.server.clone(leak.place / "other.git", "--mirror")
    leak.repo.git("remote", "add", "never-fetched", str(other.path))
    leak.repo.git("remote", "add", "dead", str(leak.place / "nowhere"))
    result = leak.apply("--no-backup", "--push", "--format", "json")
    told = json.loads(result.out)
    fates = {(one["remote"], one["fate"]) for one in told["pushed"]["refs"]}
    assert fates == {("origin", "replaced"), ("dead", "could not be asked")}
    assert told["pushed"]["stale"] == ["never-fetched: refs/heads/main"]
    assert result.code == 1
    leak.repo.git("remote", "remove", "dead")
    assert leak.purge("--push", "--yes").code == 1
    leak.repo.git("remote", "remove", "never-fetched")
    assert leak.purge("--push", "--yes").code == 0


def test_a_remote_that_is_fetched_from_elsewhere(leak: Leak) -> None:
    """Pushes go to one URL: the other still has the value, and that is said."""
    mirror = leak.server.clone(leak.place / "mirror.git", "--mirror")
    leak.repo.git("remote", "set-url", "--push", "origin", str(mirror.path))
    result = leak.apply("--no-backup", "--push", "--format", "json")
    told = json.loads(result.out)["pushed"]
    assert {one["fate"] for one in told["refs"]} == {"replaced"}
    assert mirror.git("rev-parse", "main") == leak.repo.git("rev-parse", "main")
    assert told["stale"] == [
        f"origin, at another URL of it: {ref}" for ref in ("refs/heads/main", "refs/tags/v1")
    ]
    assert result.code == 1


@pytest.mark.slow
def test_a_push_that_fails_does_not_hide_what_was_done(leak: Leak) -> None:
    shutil.move(leak.server.path, leak.place / "moved.git")
    result = leak.apply("--no-backup", "--push")
    assert result.code == 3
    assert "done" in result.out
    assert leak.places_with(leak.token) == []
    shutil.move(leak.place / "moved.git", leak.server.path)
    assert leak.purge("--push", "--yes").code == 0


def test_a_value_in_the_name_of_a_branch_is_told_nowhere(leak: Leak) -> None:
    branch_named_after(leak, leak.token)
    result = leak.apply("--no-backup", "--push", "-vv")
    assert result.code == 0, result.text
    assert leak.places_with(leak.token) == []
    assert leak.token not in result.text + "".join(left_behind(leak).values())
    assert leak.token not in leak.server.git("for-each-ref")
    assert "fix-REMOVED" in leak.server.git("for-each-ref")


def test_a_purge_is_rolled_back_and_its_traces_with_it(leak: Leak) -> None:
    before = leak.state()
    assert leak.apply().code == 0
    (backup,) = leak.place.glob("app-secops-backup-*")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    assert leak.state() != before
    outcome = leak.purge("--rollback", "--yes")
    assert outcome.code == 0, outcome.text
    assert leak.state() == before
    assert leak.purge("--push", "--yes").code == 0
    assert secops("hook", "install", "--reject-purged", cwd=leak.repo.path).code == 0
    leak.repo.commit({"c": "c\n"})
    assert leak.repo.try_git("push", "origin", "main").code == 0


def test_there_may_be_nothing_to_finish_to_give_up_or_to_undo(leak: Leak) -> None:
    assert leak.purge("--resume").code == 0
    assert leak.purge("--abort").code == 0
    assert leak.purge("--rollback", "--yes").code == 5


# --- the proof alone --------------------------------------------------------------------------


def test_verify_finds_what_is_left_and_proves_what_is_not(leak: Leak) -> None:
    values = ("--secret-file", str(leak.values))
    assert leak.purge("--verify").code == 1
    assert leak.purge("--verify", *values).code == 1
    leak.apply("--no-backup")
    for arguments in ((), values, ("--rule", "github-pat"), ("--finding", "ffffffffffff")):
        outcome = leak.purge("--verify", *arguments)
        assert outcome.code == 0, outcome.text
        assert "Nothing is left" in outcome.out
    leak.repo.git("fetch", "-q", "origin", "main")  # the remote still has it
    outcome = leak.purge("--verify", *values)
    assert outcome.code == 1
    assert "come back" in outcome.out
    assert leak.token not in outcome.text


@pytest.mark.slow
def test_verify_tells_what_nothing_can_look_for(leak: Leak) -> None:
    weak_password(leak)
    leak.apply("--no-backup")
    outcome = leak.purge("--verify")
    assert outcome.code == 1
    assert "too common a word" in outcome.out


# --- the command line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--apply", "--verify"),
        ("--resume", "--abort"),
        ("--push", "--verify"),
        ("--keep-head",),
        ("--no-backup", "--backup-dir", "x"),
        ("--report", "report.pdf"),
        ("--secret-file", "no/such/file"),
        ("--style", "none"),
    ],
    ids=" ".join,
)
def test_a_contradiction_is_a_usage_error(leak: Leak, arguments: tuple[str, ...]) -> None:
    outcome = leak.purge(*arguments)
    assert outcome.code == 2, outcome.text
    assert outcome.out == ""


def test_outside_of_a_repository_it_says_so(tmp_path: Path) -> None:
    outcome = secops("purge-history", cwd=tmp_path)
    assert outcome.code == 2
    assert "not a git repository" in outcome.err


@pytest.mark.slow
def test_a_bare_repository_is_purged_in_place(leak: Leak) -> None:
    arguments = ("--secret-file", str(leak.values), "--rotated", "--apply", "--yes", "--no-backup")
    outcome = secops("purge-history", str(leak.server.path), *arguments, cwd=leak.place)
    assert outcome.code == 0, outcome.text
    assert leak.token not in leak.server.git("log", "--all", "-p")


def test_the_script_leads_to_the_command(tmp_path: Path) -> None:
    script = SOURCE.parent / "scripts/purge-secrets-from-history.sh"
    assert os.access(script, os.X_OK)
    bin_ = tmp_path / "it's here"
    bin_.mkdir()
    shutil.copy(script, bin_)
    stub = bin_ / "secops"
    stub.write_text('#!/bin/sh\nprintf "[%s]" "$@"\n')
    stub.chmod(0o755)
    link = tmp_path / "link"
    link.symlink_to(bin_ / script.name)
    for path in (link, bin_ / script.name):
        done = subprocess.run([path, "a b", "--apply"], capture_output=True, text=True, check=True, cwd="/")
        assert done.stdout == "[purge-history][a b][--apply]"
