"""An incident put together from a real history and from what the other commands have put down."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from secopskit.conduct.tell import SILENCE
from secopskit.errors import ConfigError
from secopskit.findings import ScanResult, Skipped, SkipReason
from secopskit.incident.gather import write_shared
from secopskit.incident.looking import still_there
from secopskit.incident.model import IncidentState, SinkState
from secopskit.incident.record import IncidentRecord
from secopskit.known.baseline import Baseline, create
from secopskit.purge import publish, run
from secopskit.purge.request import PlanRequest, PurgeApplyRequest, PushAccess
from secopskit.purge.values.collect import FindingChoice, ScannedFindings, values_found
from secopskit.scan.session import ScanSession
from secopskit.secret import SecretValue
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.published import PublishedRecord, PublishedValue
from secopskit.state.purges import PROOFS, PURGES
from secopskit.state.rotations import record_rotations
from support.cli import rules_cache
from support.history import opened
from support.incidents import TODAY, incident_context, look, only_row
from support.leak import Leak
from support.repos import Repo
from support.values import alnum, github_token


@pytest.fixture(autouse=True)
def compiled_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def leak(tmp_path: Path) -> Leak:
    return Leak(tmp_path)


def rotate(repo: Repo, value: str) -> None:
    """Put down that a value is dead."""
    state = opened(repo).state_dir
    fingerprint = SecretValue(value.encode()).fingerprint(fingerprint_key(state)).text
    record_rotations(state, [fingerprint], TODAY)


def purge(repo: Repo) -> None:
    """Take out of the history what a look finds in it."""
    repository = opened(repo)
    findings = tuple(one.finding for one in look(repo).look.seen.values())
    values = values_found(repository, ScannedFindings(findings=findings), FindingChoice())
    proposal = run.plan(repository, values, PlanRequest(to_be_applied=True, jobs=1))
    run.apply(repository, proposal, PurgeApplyRequest(consented=True, backup=False))


def test_from_found_to_closed_and_back(leak: Leak) -> None:
    row = only_row(leak.repo)
    assert row.state is IncidentState.FOUND
    assert row.open
    assert (row.secret.place, row.secret.author) == ("app.py:1", "Ada")
    first = row.secret.first_commit
    assert first in (leak.first, leak.repo.head), "both in the same second"

    rotate(leak.repo, leak.token)
    row = only_row(leak.repo, days=1)
    assert (row.state, row.open) == (IncidentState.SYNCED, False)
    assert row.next.command == f"secops purge-history --finding {row.secret.id} --apply"

    purge(leak.repo)
    row = only_row(leak.repo, days=2)
    assert row.state is IncidentState.VERIFIED
    assert row.secret.first_commit == first, "the history has forgotten it, the record has not"
    assert row.next.command == "secops purge-history --push"

    state, names = opened(leak.repo).state_dir, [row.secret.fingerprint]
    PURGES.add(state, names, TODAY)
    assert only_row(leak.repo, days=2).state is IncidentState.PURGED, "the proof is older than this purge"
    PROOFS.add(state, names, TODAY)
    assert only_row(leak.repo, days=2).state is IncidentState.VERIFIED

    publish.push_pending(opened(leak.repo), PushAccess(variables=os.environ), SILENCE)
    row = only_row(leak.repo, days=3)
    assert row.state is IncidentState.CLOSED
    assert list(row.secret.states) == ["found", "synced", "purged", "verified", "closed"]
    assert row.secret.gone

    leak.repo.commit({"again.py": f'TOKEN = "{leak.token}"\n'}, "again")
    row = only_row(leak.repo, days=4)
    assert (row.state, row.open, row.came_back) == (IncidentState.SYNCED, True, True)
    assert row.secret.reopened == ((TODAY + timedelta(days=4)).isoformat(timespec="seconds"),)
    assert list(row.secret.states) == ["found", "synced"]
    for path in Path(IncidentRecord(opened(leak.repo).state_dir).directory).iterdir():
        assert leak.token.encode() not in path.read_bytes()


def test_an_old_value_that_is_still_published_is_behind(leak: Leak) -> None:
    rotate(leak.repo, leak.token)
    record = PublishedRecord(opened(leak.repo).state_dir)
    there = ("github acme/shop", "API_TOKEN")
    record.update({there: PublishedValue(SecretValue(leak.token.encode()), TODAY, "x")})
    row = only_row(leak.repo)
    assert (row.state, row.evidence.sinks) == (IncidentState.ROTATED, SinkState.BEHIND)
    assert row.next.command == "secops sync-secrets"

    leak.repo.write(
        ".secops.yaml",
        "sync: {environments: {live: {source: {dotenv: .env}, repositories: [acme/shop], "
        "sinks: [repository], secrets: [API_TOKEN, OTHER]}}}\n",
    )
    record.update({there: PublishedValue(SecretValue(alnum(30).encode()), TODAY, "x")})
    assert only_row(leak.repo).evidence.sinks is SinkState.UNKNOWN, "OTHER is not on record as written"
    record.update({(there[0], "OTHER"): PublishedValue(SecretValue(alnum(30).encode()), TODAY, "x")})
    row = only_row(leak.repo)
    assert (row.state, row.evidence.sinks) == (IncidentState.SYNCED, SinkState.FOLLOWED)


def accept(repo: Repo, *, reason: str, expires: date | None = None) -> None:
    """Accept everything that is found, in a baseline."""
    findings = [one.finding for one in look(repo).look.seen.values()]
    empty = Baseline(salt=os.urandom(16))
    made = create(findings, today=TODAY.date(), owner="grace").labelled(
        empty, reason=reason, owner="grace", expires=expires
    )
    made.save(repo.path / ".secops.baseline.json")


def test_an_acceptance_needs_a_reason_and_runs_out(leak: Leak) -> None:
    last = TODAY.date() + timedelta(days=10)
    accept(leak.repo, reason="a test account", expires=last)
    row = only_row(leak.repo, days=10)
    assert (row.state, row.open) == (IncidentState.ACCEPTED, False)
    assert row.acceptance is not None
    assert row.acceptance[:3] == ("a test account", "grace", last.isoformat())
    rotate(leak.repo, leak.token)
    assert only_row(leak.repo).state is IncidentState.CLOSED, "dead, and it may stay"


def test_an_acceptance_without_a_reason_is_none(leak: Leak) -> None:
    accept(leak.repo, reason="")
    row = only_row(leak.repo)
    assert (row.state, row.open) == (IncidentState.FOUND, True)
    assert row.acceptance is not None
    assert not row.acceptance.holds


def test_an_acceptance_of_some_places_is_none(leak: Leak) -> None:
    accept(leak.repo, reason="a test account")
    leak.repo.commit({"more.py": f'TOKEN = "{leak.token}"\n'}, "more")
    row = only_row(leak.repo)
    assert (row.state, row.acceptance) == (IncidentState.FOUND, None)
    assert set(row.secret.paths) == {"app.py", "more.py", "<commit message>"}


def test_a_fresh_clone_knows_by_the_committed_record(leak: Leak, tmp_path: Path) -> None:
    rotate(leak.repo, leak.token)
    context = incident_context(leak.repo)
    assert write_shared(context, look(leak.repo))
    file = leak.repo.path / ".secops.incident.json"
    assert leak.token not in file.read_text()
    leak.repo.commit({file.name: file.read_bytes()}, "dead")
    other = leak.repo.clone(tmp_path / "other")
    row = only_row(other)
    assert (row.state, row.open) == (IncidentState.SYNCED, False)
    assert row.rotated_how == "on record in the committed file, by secops rotate"
    # A purge does not go by a file that a change can bring along: the person says it.
    assert row.next.command == f"secops purge-history --finding {row.secret.id} --rotated --apply"

    other.commit({"new.py": f"token = '{github_token()}'\n"}, "another one")
    assert [row.open for row in look(other).rows] == [True, False]

    purge(leak.repo)
    publish.push_pending(opened(leak.repo), PushAccess(variables=os.environ), SILENCE)
    assert write_shared(incident_context(leak.repo), look(leak.repo)), "it is closed now"
    (entry,) = json.loads(file.read_text())["secrets"]
    assert entry["closed"]
    other.write(file.name, file.read_bytes())
    assert next(row for row in look(other).rows if row.secret.place == "app.py:1").came_back


def test_a_cut_off_clone_closes_nothing(leak: Leak, tmp_path: Path) -> None:
    shallow = leak.server.clone(tmp_path / "shallow", "--depth=1")
    incident = look(shallow)
    assert not incident.look.complete
    assert incident.look.limits


@pytest.mark.parametrize("lost", ["missing", "damaged", "tree"])
def test_a_clone_that_lost_an_object_closes_nothing(tmp_path: Path, lost: str) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.commit({"lib/app.py": f"token = '{github_token()}'\n"}, "oops")
    name = repo.git("rev-parse", "HEAD:lib" if lost == "tree" else "HEAD:lib/app.py").strip()
    file = repo.path / ".git/objects" / name[:2] / name[2:]
    if lost == "tree":
        repo.git("rm", "-q", "-r", "lib")
        repo.git("commit", "-q", "-m", "out", "--allow-empty")
        blob = repo.git("rev-parse", "HEAD~1:lib/app.py").strip()
        (repo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    file.unlink()
    if lost == "damaged":
        file.write_bytes(b"not an object")
    incident = look(repo)
    assert (incident.rows, incident.look.complete) == ((), False), "nothing was found, and not all was seen"
    assert incident.look.cure == "git fsck --no-dangling"
    assert incident.look.limits


def test_a_partial_clone_is_looked_at_as_far_as_it_goes(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({".env.production": f"API_TOKEN={github_token()}\n"}, "oops")
    incident = look(repo.clone(tmp_path / "partial", "--no-checkout", "--filter=blob:none"))
    assert (incident.rows, incident.look.cure) == ((), "git fetch --refetch --no-filter")
    assert not look(repo.clone(tmp_path / "whole", "--filter=blob:limit=1m")).look.cure, "nothing lacks in it"


def test_a_clone_of_one_branch_says_so(leak: Leak, tmp_path: Path) -> None:
    leak.repo.git("push", "-q", "origin", "HEAD:refs/heads/other")
    assert not any("Only some branches" in limit for limit in look(leak.repo).look.limits)
    narrow = leak.server.clone(tmp_path / "narrow", "--single-branch")
    assert any("Only some branches of origin" in limit for limit in look(narrow).look.limits)


@pytest.mark.parametrize("reason", SkipReason)
def test_whatever_was_not_read_is_said(
    leak: Leak, reason: SkipReason, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ScanSession.scan_commits

    def scan(session: ScanSession, *given: Any, **named: Any) -> ScanResult:
        return whole(session, *given, **named)._replace(skipped=(Skipped("a.7z", reason, "why"),))

    monkeypatch.setattr(ScanSession, "scan_commits", scan)
    noun = "part of an archive" if reason is SkipReason.ARCHIVE else "object"
    assert f"Not read: 1 {noun}, {reason.value}." in look(leak.repo).look.limits


def test_an_archive_that_cannot_be_opened_is_said(leak: Leak) -> None:
    leak.repo.commit({"old.7z": b"7z\xbc\xaf\x27\x1c" + bytes(range(256)) * 4})
    limits = look(leak.repo).look.limits
    assert "Not read: 1 part of an archive, archive not opened, or not to its end." in limits


def test_a_value_in_many_files_is_there_as_long_as_one_of_them_is(tmp_path: Path) -> None:
    repo, token = Repo.create(tmp_path / "app"), github_token()
    repo.commit({f"{number:03}.py": f'token = "{token}"  # {number}\n' for number in range(80)})
    secret = only_row(repo).secret
    assert len(secret.objects) == 80
    repo.git("checkout", "-q", "--orphan", "new")
    repo.git("rm", "-q", "-f", *(f"{number:03}.py" for number in range(79)))
    repo.commit({}, "begin")
    repo.git("branch", "-D", "main")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert still_there(opened(repo), [secret]) == {secret.fingerprint}


HIDING = {
    "paths": (".secops.yaml", "scan: {exclude_paths: ['app.py', '.env']}\n"),
    "rule": (".secops.yaml", "scan: {disable_rules: [github-pat, dotenv-file]}\n"),
    "ignored": (".gitleaksignore", ""),
}


@pytest.mark.parametrize("how", HIDING)
def test_what_is_only_hidden_is_not_gone(tmp_path: Path, how: str) -> None:
    repo, token = Repo.create(tmp_path / "app"), github_token()
    repo.commit({"app.py": f"token = '{token}'\n"}, "oops")
    seen = only_row(repo)
    name, text = HIDING[how]
    text = text.replace("github-pat", seen.secret.rule_id)
    text = text or f"app.py:{seen.secret.rule_id}:1\n{repo.head}:app.py:{seen.secret.rule_id}:1\n"
    repo.write(name, text)
    row = only_row(repo, days=1)
    assert (row.state, row.open, row.held) == (IncidentState.FOUND, True, True)
    rotate(repo, token)
    row = only_row(repo, days=2)
    assert (row.state, row.evidence.found, row.secret.gone) == (IncidentState.SYNCED, True, "")
    assert row.next.command == ""
    (repo.path / name).unlink()
    row = only_row(repo, days=3)
    assert (row.held, row.came_back) == (False, False)


def test_a_committed_dotenv_file_that_is_only_hidden_is_not_gone(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.write(".git/info/exclude", ".secops.yaml\n")
    repo.write(".secops.yaml", "scan: {min_severity: info}\n")
    repo.commit({".env": f"SECRET_KEY={alnum(30)}\n"}, "oops")
    look(repo)
    repo.write(".secops.yaml", "scan: {exclude_paths: [.env]}\n")
    incident = look(repo)
    assert {row.state for row in incident.rows} == {IncidentState.FOUND}
    assert any("by exclude_paths" in limit for limit in incident.look.limits)


def test_what_is_below_the_minimum_severity_is_no_setting_of_somebody(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.commit({".env": f"SECRET_KEY={alnum(30)}\n"}, "oops")
    look_ = look(repo).look
    assert look_.limits == ("Not here: 1 finding below the severity low. `min_severity: info` has all.",)
    assert look_.files == (".env",)


def test_a_committed_dotenv_file_closes_when_no_object_has_it(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.write(".git/info/exclude", ".secops.yaml\n")
    repo.write(".secops.yaml", "scan: {min_severity: info}\n")
    repo.commit({".env": f"SECRET_KEY={alnum(30)}\n"}, "oops")
    rows = {row.secret.value: row for row in look(repo).rows}
    assert rows[False].state is IncidentState.FOUND
    assert not rows[False].open, "its values keep a merge waiting, not its name"
    assert rows[True].open
    repo.git("checkout", "-q", "--orphan", "new")
    repo.git("rm", "-q", "-f", "--cached", ".env")
    repo.commit({"README": "x\n"}, "begin")
    repo.git("branch", "-D", "main")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    rows = {row.secret.value: row for row in look(repo).rows}
    assert rows[False].state is IncidentState.CLOSED
    assert rows[True].state is IncidentState.FOUND, "gone from here, and nobody has ended it"


def test_a_repository_without_a_secret_is_left_as_it_is(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.commit({"README": "x\n"})
    assert look(repo).rows == ()
    assert not (repo.path / ".git/secops/incident").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_repository_that_cannot_be_written_is_looked_at(leak: Leak) -> None:
    state = Path(opened(leak.repo).state_dir)
    look(leak.repo)
    (state / "incident").chmod(0o500)
    leak.repo.commit({"b.py": f"token = '{github_token()}'\n"}, "b")
    incident = look(leak.repo)
    (state / "incident").chmod(0o700)
    assert (len(incident.rows), incident.kept) == (2, False)


def test_a_damaged_record_is_said(leak: Leak) -> None:
    look(leak.repo)
    Path(IncidentRecord(opened(leak.repo).state_dir).path).write_text("{}")
    with pytest.raises(ConfigError, match="is not a record of an incident"):
        look(leak.repo)
