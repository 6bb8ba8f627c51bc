"""Whether the default branch still has a finding: looked for in what it has now."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.findings import Confidence, Finding, Location, Severity
from secopskit.fleet.worker.head import HeadTree
from secopskit.git.repository import Repository
from secopskit.secret import Fingerprint, SecretValue
from support.repos import Repo
from support.values import github_token

_TOKEN = github_token()
_LIMIT = 10_000


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"a.py": f'a = "{_TOKEN}"\n', "gone.py": f'a = "{_TOKEN}"\n', "b!c.py": f'a = "{_TOKEN}"\n'})
    return made


def _oid(repo: Repo, path: str) -> str:
    return repo.git("rev-parse", f"HEAD:{path}").strip()


def _found(path: str, oid: str, *, value: bool = True) -> Finding:
    place = Location(path=path, line=1, end_line=1, column=1, end_column=2, oid=oid)
    return Finding(
        id="x",
        rule_id="x",
        title="x",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        fingerprint=Fingerprint("x"),
        preview="",
        locations=(place,),
        secret=SecretValue(_TOKEN.encode()) if value else None,
    )


def _holds(repo: Repo, finding: Finding, *, limit: int = _LIMIT) -> bool:
    found = Repository.open(str(repo.path))
    assert found is not None
    return HeadTree(found, there=True).holding([finding], limit=limit)(finding)


def test_a_value_in_another_version_of_the_file(repo: Repo) -> None:
    old = _oid(repo, "a.py")
    repo.commit({"a.py": f'a = "{_TOKEN}"\n\nb = 2\n'})
    assert _holds(repo, _found("a.py", old))
    repo.commit({"a.py": "a = None\n"})
    assert not _holds(repo, _found("a.py", old))


def test_the_very_content_however_it_is_spelt_in_it(repo: Repo) -> None:
    repo.commit({"a.txt": "encoded\n"})
    assert _holds(repo, _found("a.txt", _oid(repo, "a.txt")))


def test_a_file_that_is_gone(repo: Repo) -> None:
    old = _oid(repo, "gone.py")
    repo.git("rm", "-q", "gone.py")
    repo.commit({})
    assert not _holds(repo, _found("gone.py", old))
    assert not _holds(repo, _found("gone.py", old, value=False))


def test_a_place_is_there_whatever_its_content(repo: Repo) -> None:
    assert _holds(repo, _found("a.py", "0" * 40, value=False))


def test_a_mark_of_exclamation_in_a_name_is_no_archive(repo: Repo) -> None:
    assert _holds(repo, _found("b!c.py", "0" * 40))
    assert _holds(repo, _found("a.py!member", _oid(repo, "a.py")))


def test_what_is_too_large_is_not_read(repo: Repo) -> None:
    assert not _holds(repo, _found("a.py", "0" * 40), limit=10)
