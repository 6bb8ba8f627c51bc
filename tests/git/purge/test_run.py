"""The use case of a purge, called without a command line: the same things are left behind."""

from __future__ import annotations

import re
import shutil
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from secopskit.conduct.consent import NOBODY
from secopskit.conduct.outcome import ChangeOutcome
from secopskit.conduct.plan import ChangePlan
from secopskit.errors import ExitCode, RefusedError, UsageError
from secopskit.findings import Finding
from secopskit.git import workers
from secopskit.progress import Progress, ProgressStage
from secopskit.purge import plan as planning
from secopskit.purge import publish, recovery, run, verify
from secopskit.purge.find import survey as surveying
from secopskit.purge.plan import make_plan
from secopskit.purge.request import PlanRequest, PurgeApplyRequest, PushAccess
from secopskit.purge.rewrite import blobs
from secopskit.purge.targeting import targets_of
from secopskit.purge.values import crew, targets
from secopskit.purge.values.collect import ValuesToPurge
from secopskit.purge.values.delicate import settle
from secopskit.purge.values.rotation import ALL
from secopskit.purge.values.targets import Candidate
from secopskit.secret import SecretValue
from support.history import opened, scan
from support.leak import Leak, branch_named_after
from support.progress import ToldProgress
from support.repos import Repo
from support.values import github_token

ROTATED = PlanRequest(rotated=(ALL,), to_be_applied=True, jobs=1)
CONSENTED = PurgeApplyRequest(consented=True, backup=False)


class Typist:
    """A respondent that types one answer, says yes to every question, and keeps what it was asked."""

    present = True

    def __init__(self, answer: str = "") -> None:
        self.answer = answer
        self.asked: list[str] = []

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        return True

    def types(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.answer


class Listener:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.notes: list[str] = []
        self.told = ToldProgress()

    def phase(self, name: str) -> None:
        self.phases.append(name)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self) -> AbstractContextManager[Progress]:
        return nullcontext(self.told)


def values(*texts: str) -> ValuesToPurge:
    secrets = (SecretValue(text.encode()) for text in texts)
    return ValuesToPurge(candidates=targets.from_values(secrets, "values.txt"))


@pytest.fixture
def leak(tmp_path: Path) -> Leak:
    (tmp_path / "one").mkdir()
    leak = Leak(tmp_path / "one")
    branch_named_after(leak, leak.token)
    leak.repo.git("update-ref", "refs/pull/7/head", "main")
    return leak


def copied(leak: Leak, place: Path) -> Leak:
    """A second leak that is the same, down to its remote's address and its fingerprint key."""
    shutil.copytree(leak.place, place, symlinks=True)
    other = object.__new__(Leak)
    other.__dict__.update(leak.__dict__)
    other.place, other.values = place, place / "values.txt"
    other.server, other.repo = Repo(place / "server.git"), Repo(place / "app")
    other.repo.git("remote", "set-url", "origin", str(other.server.path))
    return other


def left_behind(leak: Leak) -> dict[str, str]:
    """Everything in the directory for others, times, seconds and the place of the repository aside."""
    directory = leak.repo.path / ".git/secops/purged"
    found = {}
    for path in directory.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        text = path.read_text().replace("\\", "").replace(str(leak.place), "PLACE")  # Markdown's escapes
        text = re.sub(r"\d{8}-\d{6}", "WHEN", text)
        text = re.sub(r"\*\*took\*\*: .*", "took", text)
        found[re.sub(r"^\d{8}-\d{6}", "WHEN", path.name)] = text
    return found


def test_without_a_command_line_the_same_is_left_behind(leak: Leak, tmp_path: Path) -> None:
    recovery.is_unfinished(opened(leak.repo))
    run.plan(opened(leak.repo), values(leak.token), replace(ROTATED, to_be_applied=False))  # makes the key
    other = copied(leak, tmp_path / "two")
    command = leak.apply("--no-backup", "--push", "-q")
    assert command.code in (0, 1), command.text

    repository, listener = opened(other.repo), Listener()
    proposal = run.plan(repository, values(other.token), ROTATED, tell=listener)
    change: ChangePlan = proposal
    assert not change.empty
    request = replace(CONSENTED, push=PushAccess(variables={}))
    result = run.apply(repository, proposal, request, tell=listener)
    outcome: ChangeOutcome = result
    assert outcome.code == command.code
    assert listener.phases[-1] == "push to origin"
    assert {"swap", "clean-up", "proof"} <= set(listener.phases)
    assert listener.told.done(ProgressStage.LOOKING_FOR_VALUES) > 0
    assert other.state() == leak.state()
    assert other.server.git("for-each-ref") == leak.server.git("for-each-ref")
    assert other.repo.git("ls-files", "-s") == leak.repo.git("ls-files", "-s")
    assert other.places_with(other.token) == leak.places_with(leak.token) == []
    ours, theirs = left_behind(other), left_behind(leak)
    assert set(ours) >= {"WHEN.report.md", "WHEN.commit-map", "WHEN.ids", "ticket-origin.txt", "pushes.json"}
    assert ours == theirs


def test_with_one_job_all_is_done_here(leak: Leak, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        pytest.fail("another process of ours was started")

    monkeypatch.setattr(workers.WorkerPool, "_together", start)
    monkeypatch.setattr(workers.Ahead, "__init__", start)
    monkeypatch.setattr(crew, "_MANY", 0)
    monkeypatch.setattr(blobs, "_PART", 1)
    leak.repo.commit({"other.py": f"also = '{leak.token}'\n"})
    repository = opened(leak.repo)
    proposal = run.plan(repository, values(leak.token), ROTATED)
    assert len(proposal.plan.extent.paths) > 1
    result = run.apply(repository, proposal, replace(CONSENTED, jobs=1))
    assert result.outcome.proof.holds
    assert verify.verify(repository, values(leak.token), PlanRequest(jobs=1)).holds


def test_a_plan_is_a_value(leak: Leak) -> None:
    before = leak.state()
    made = [run.plan(opened(leak.repo), values(leak.token), PlanRequest(jobs=1)) for _ in range(2)]
    assert made[0] == made[1]
    assert leak.state() == before
    assert leak.token not in repr(made[0].facts)


def test_nothing_is_applied_without_consent(leak: Leak) -> None:
    repository, before = opened(leak.repo), leak.state()
    proposal = run.plan(repository, values(leak.token), ROTATED)
    with pytest.raises(UsageError):
        run.apply(repository, proposal, PurgeApplyRequest(backup=False), respondent=NOBODY)
    typist = Typist("other")
    with pytest.raises(RefusedError):
        run.apply(repository, proposal, PurgeApplyRequest(backup=False), respondent=typist)
    assert "This rewrites the history" in typist.asked[0]
    assert leak.state() == before
    run.apply(repository, proposal, PurgeApplyRequest(backup=False), respondent=Typist("app"))
    assert leak.state() != before


def test_what_is_not_rotated_or_stands_in_the_way_is_not_applied(leak: Leak) -> None:
    repository, before = opened(leak.repo), leak.state()
    proposal = run.plan(repository, values(leak.token), PlanRequest(jobs=1))
    with pytest.raises(RefusedError, match="rotated"):
        run.apply(repository, proposal, CONSENTED)
    leak.repo.write(".git/MERGE_HEAD", leak.clean)
    blocked = run.plan(repository, values(leak.token), replace(ROTATED, to_be_applied=False))
    with pytest.raises(RefusedError, match="a merge is under way"):
        run.apply(repository, blocked, CONSENTED)
    with pytest.raises(RefusedError, match="a merge is under way"):
        run.plan(repository, values(leak.token), ROTATED)
    assert leak.state() == before


def test_the_siblings_verify_push_and_undo(leak: Leak) -> None:
    repository, before = opened(leak.repo), leak.state()
    assert not publish.is_waiting(repository)
    proposal = run.plan(repository, values(leak.token), ROTATED)
    listener = Listener()
    request = PurgeApplyRequest(consented=True, backup_dir=str(leak.place / "backup"))
    assert run.apply(repository, proposal, request, tell=listener).code is ExitCode.OK
    assert listener.notes[0].startswith("backup: ")
    assert publish.is_waiting(repository)
    assert verify.verify(repository, values(leak.token), PlanRequest()).holds
    assert recovery.resume(repository, values(leak.token), PlanRequest(), CONSENTED) is None
    assert not recovery.abort(repository, CONSENTED)
    recovery.rollback(repository, PurgeApplyRequest(), respondent=Typist("app"))
    assert leak.state() == before
    assert not publish.is_waiting(repository)
    assert not verify.verify(repository, values(leak.token), PlanRequest()).holds


def test_a_rollback_that_is_killed_is_called_again(leak: Leak, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was to be pushed is forgotten before the journal is: the second call finds what is to be done."""
    repository, before = opened(leak.repo), leak.state()
    request = PurgeApplyRequest(consented=True, backup_dir=str(leak.place / "backup"))
    run.apply(repository, run.plan(repository, values(leak.token), ROTATED), request)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recovery, "withdraw", die)
        with pytest.raises(KeyboardInterrupt):
            recovery.rollback(repository, PurgeApplyRequest(consented=True))
    assert publish.is_waiting(repository)
    recovery.rollback(repository, PurgeApplyRequest(consented=True))
    assert not publish.is_waiting(repository)
    assert leak.state() == before


def test_a_ref_of_a_linked_work_tree_is_renamed_there_first(leak: Leak) -> None:
    linked = Repo(leak.place / "linked")
    leak.repo.git("worktree", "add", "-q", "--detach", str(linked.path))
    name = f"refs/worktree/foo-{leak.token}"
    linked.git("update-ref", name, "HEAD")
    repository = opened(leak.repo)
    planned = run.plan(repository, values(leak.token), replace(ROTATED, to_be_applied=False))
    (blocker,) = planned.facts.blockers
    assert "refs/worktree/foo-REMOVED" in blocker
    assert "update-ref -d" in blocker
    assert leak.token not in blocker
    with pytest.raises(RefusedError, match="in its name"):
        run.plan(repository, values(leak.token), ROTATED)
    linked.git("update-ref", "-d", name)
    result = run.apply(repository, run.plan(repository, values(leak.token), ROTATED), CONSENTED)
    assert result.code is ExitCode.OK


def test_commits_of_notes_are_counted_apart(tmp_path: Path) -> None:
    repo, token = Repo.create(tmp_path / "app"), github_token()
    repo.commit({"a": "a\n"})
    repo.git("notes", "add", "-m", f"it was {token}")
    repository = opened(repo)
    proposal = run.plan(repository, values(token), ROTATED)
    facts = proposal.facts
    assert (facts.commits, facts.total_commits, facts.note_commits) == (0, 1, 1)
    outcome = run.apply(repository, proposal, CONSENTED).facts
    assert (outcome.commits, outcome.kept) == (0, 1)
    assert "1 commits kept their ids" in outcome.proof.checks


# --- values that are too common ----------------------------------------------------------------

WORDS = ("internal-gateway", "staging-cluster", "shared-database")


def wordy(place: Path, token: str) -> Repo:
    """A repository with a token, and words in many files, one of them in a message and a name as well."""
    repo = Repo.create(place)
    repo.commit({".env": f"HOST={WORDS[0]}\nKEY={token}\n", "b.env": f"DB={WORDS[2]}\n"})
    for start in range(0, 60, 20):
        files = {f"docs/{n}.txt": f"{n} {' '.join(WORDS)}\n" for n in range(start, start + 20)}
        repo.commit(files, f"about {WORDS[1]}")
    repo.commit({f"{WORDS[0]}/readme": f"{token}\n"}, "a directory")
    return repo


def found_in(repo: Repo, text: str, *paths: str) -> Candidate:
    """A candidate that a scan found at these paths."""
    some: Finding = scan(repo).findings[0]
    places = tuple(some.locations[0]._replace(path=path) for path in paths)
    own = some._replace(id=text[:6], secret=SecretValue(text.encode()), locations=places)
    return targets.from_findings([own])[0]


def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that all objects are read, as long as the test lasts."""
    done: list[int] = []

    def counted(*args: Any, **named: Any) -> Any:
        done.append(1)
        return surveying.survey(*args, **named)

    monkeypatch.setattr(planning, "survey", counted)
    return done


@pytest.mark.parametrize("places_only", [True, False])
def test_values_that_are_too_common_do_not_have_everything_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places_only: bool
) -> None:
    token = github_token()
    repo = wordy(tmp_path / "r", token)
    candidates = (
        found_in(repo, WORDS[0], ".env"),  # can be confined
        *values(WORDS[1], token).candidates,  # the word has no place
        found_in(repo, WORDS[2], "b.env"),
    )
    asked = ValuesToPurge(candidates=candidates)
    request, repository = PlanRequest(jobs=1, places_only=places_only), opened(repo)
    done = reads(monkeypatch)
    proposal = run.plan(repository, asked, request)
    assert done == [1]
    made, facts = proposal.plan, proposal.facts
    assert [value.confined for value in facts.values] == ([True, False, True] if places_only else [False])
    assert len(facts.left_out) == (1 if places_only else 3)
    assert "in too many files" in facts.left_out[0]

    kept = [one for one in candidates if one.value in {target.value for target in made.targets}]
    settled = settle(
        [replace(one, common="x" * bool(one.finding)) for one in kept], places_only=True, respondent=NOBODY
    )
    afresh = make_plan(repository, targets_of(repository, settled, request), jobs=1)
    assert done == [1, 1]
    assert made == afresh


def test_somebody_present_is_asked_about_each_of_them_once(tmp_path: Path) -> None:
    token = github_token()
    repo, typist = wordy(tmp_path / "r", token), Typist()
    asked = ValuesToPurge(candidates=(found_in(repo, WORDS[0], ".env"), found_in(repo, WORDS[2], "b.env")))
    proposal = run.plan(opened(repo), asked, PlanRequest(jobs=1), respondent=typist)
    assert [WORDS[0] in question for question in typist.asked] == [False, False]
    assert ["b.env" in question for question in typist.asked] == [False, True]
    assert [value.confined for value in proposal.facts.values] == [True, True]
    assert proposal.facts.left_out == ()
