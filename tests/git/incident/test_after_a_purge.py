"""What is known of secrets that a purge took out before any look at the incident, and of what it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.conduct.tell import SILENCE, Tell
from secopskit.errors import IncompleteError
from secopskit.incident.model import IncidentState
from secopskit.incident.tell.facts import IncidentFacts
from secopskit.incident.tell.gather_facts import incident_facts
from secopskit.incident.tell.story import as_report
from secopskit.incident.tell.table import as_table
from secopskit.purge import recovery, run
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.run import PurgeProposal
from secopskit.purge.swap.backup import backups_there
from secopskit.purge.values.collect import FindingChoice, ScannedFindings, ValuesToPurge, values_found
from secopskit.purge.values.rotation import ALL
from secopskit.purge.values.targets import from_values
from secopskit.scan.history.objects.selection import WHOLE_HISTORY
from secopskit.scan.session import ScanSession
from secopskit.secret import SecretValue
from support.cli import rules_cache
from support.history import opened
from support.incidents import look, only_row
from support.leak import Leak
from support.purges import Acting
from support.repos import Repo


@pytest.fixture(autouse=True)
def compiled_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def leak(tmp_path: Path) -> Leak:
    return Leak(tmp_path)


def found_by_a_scan(repo: Repo) -> ValuesToPurge:
    """What a scan finds, without a look at the incident."""
    findings = ScanSession(str(repo.path)).scan_commits(WHOLE_HISTORY, purpose="a test").findings
    return values_found(opened(repo), ScannedFindings(findings=findings), FindingChoice())


def proposed(repo: Repo, values: ValuesToPurge, *paths: str, rotated: bool = True) -> PurgeProposal:
    request = PlanRequest(paths=paths, rotated=(ALL,) if rotated else (), to_be_applied=True, jobs=1)
    return run.plan(opened(repo), values, request)


def purge(
    repo: Repo, values: ValuesToPurge, *paths: str, backup: Path | None = None, tell: Tell = SILENCE
) -> None:
    request = PurgeApplyRequest(
        consented=True, backup=backup is not None, backup_dir=str(backup) if backup else None, jobs=1
    )
    run.apply(opened(repo), proposed(repo, values, *paths), request, tell=tell)


def told(repo: Repo) -> IncidentFacts:
    return incident_facts(look(repo), str(repo.path))


def test_a_secret_that_was_purged_before_any_look_is_an_exposed_one(leak: Leak) -> None:
    before = leak.repo.head
    purge(leak.repo, found_by_a_scan(leak.repo))
    assert leak.repo.head != before
    row = only_row(leak.repo)
    assert (row.state, row.open) == (IncidentState.VERIFIED, False)
    assert (row.secret.place, row.secret.author, row.secret.severity) == ("app.py:1", "Ada", "critical")
    assert row.secret.first_date
    assert row.rotated_how == "stated to be rotated when it was purged"
    assert row.next.command == "secops purge-history --push"
    for path in Path(opened(leak.repo).state_dir).rglob("*"):
        assert path.is_dir() or leak.token.encode() not in path.read_bytes()


def test_so_is_one_that_no_scan_finds(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"deploy/notes.txt": "ask for lilac umbrella at the gate\n"})
    repo.commit({"deploy/notes.txt": "ask at the gate\n"})
    values = (SecretValue(b"lilac umbrella"), SecretValue(b"stands in no file"))
    purge(repo, ValuesToPurge(candidates=from_values(values, "values.txt")))
    row = only_row(repo)
    assert (row.state, row.secret.title) == (IncidentState.CLOSED, "value 1 of values.txt")
    assert (row.secret.place, row.secret.paths) == ("deploy/notes.txt", ("deploy/notes.txt",))
    assert "named by hand" in as_report(told(repo))


def test_one_whose_purge_was_killed_in_the_proof_waits_for_its_end(leak: Leak) -> None:
    def die(phase: str) -> None:
        if phase == "proof":
            raise KeyboardInterrupt

    with pytest.raises(IncompleteError):
        purge(leak.repo, found_by_a_scan(leak.repo), tell=Acting(die))
    row = only_row(leak.repo)
    assert (row.state, row.open) == (IncidentState.SYNCED, False)
    assert row.next.command == "secops purge-history --resume"


def test_pushes_and_backups_are_named_though_no_secret_is_known(tmp_path: Path) -> None:
    server, repo = Repo.create(tmp_path / "server.git", "--bare"), Repo.create(tmp_path / "app")
    repo.git("remote", "add", "origin", str(server.path))
    repo.commit({"dump.sql": "-- nothing that a scan finds\n", "README": "x\n"})
    repo.git("push", "-q", "origin", "main")
    purge(repo, ValuesToPurge(), "dump.sql", backup=tmp_path / "copy")
    facts = told(repo)
    assert facts.secrets == ()
    for text in (as_table(facts), as_report(facts)):
        assert "secops purge-history --push" in text
        assert f"rm -rf {tmp_path / 'copy'}" in text


def test_each_backup_is_named_until_it_is_destroyed(leak: Leak) -> None:
    leak.repo.commit({"dump.sql": "-- a dump\n", "other.sql": "-- another\n"})
    first, second = leak.place / "first", leak.place / "second"
    purge(leak.repo, found_by_a_scan(leak.repo), backup=first)
    purge(leak.repo, ValuesToPurge(), "dump.sql", backup=second)
    recovery.rollback(opened(leak.repo), PurgeApplyRequest(consented=True))
    assert set(backups_there(opened(leak.repo))) == {str(first), str(second)}
    assert {f"rm -rf {one}" for one in (first, second)} <= {task.command for task in told(leak.repo).tasks}
    first.rename(leak.place / "elsewhere")
    assert backups_there(opened(leak.repo)) == (str(second),)


def test_what_was_purged_once_needs_nobody_to_say_again_that_it_is_rotated(leak: Leak) -> None:
    old = leak.repo.head
    purge(leak.repo, found_by_a_scan(leak.repo))
    leak.repo.git("fetch", "-q", str(leak.server.path), f"{old}:refs/heads/back")
    row = only_row(leak.repo)
    assert (row.state, row.came_back) == (IncidentState.SYNCED, True)
    assert row.next.command == f"secops purge-history --finding {row.secret.id} --apply"
    assert not proposed(leak.repo, found_by_a_scan(leak.repo), rotated=False).plan.unrotated
