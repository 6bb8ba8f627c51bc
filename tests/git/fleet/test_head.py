"""Whether the default branch still has a finding: looked for in what it has now."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.findings import (
    Confidence,
    Finding,
    Location,
    Provenance,
    Severity,
    Skipped,
    SkipReason,
)
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


def _found(path: str, oid: str, *, value: bool = True, seen: str = "") -> Finding:
    """A finding; `seen` is the commit at the foremost ref that still holds it."""
    told = Provenance(last_commit=seen, present=bool(seen))
    place = Location(path=path, line=1, end_line=1, column=1, end_column=2, oid=oid, provenance=told)
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


def _holds(repo: Repo, finding: Finding, *skipped: Skipped, limit: int = _LIMIT) -> bool | None:
    found = Repository.open(str(repo.path))
    assert found is not None
    return HeadTree(found, there=True).holding([finding], skipped, limit=limit)(finding)


def test_a_value_in_another_version_of_the_file(repo: Repo) -> None:
    old = _oid(repo, "a.py")
    repo.commit({"a.py": f'a = "{_TOKEN}"\n\nb = 2\n'})
    assert _holds(repo, _found("a.py", old))
    repo.commit({"a.py": "a = None\n"})
    assert _holds(repo, _found("a.py", old)) is False


def test_the_very_content_however_it_is_spelt_in_it(repo: Repo) -> None:
    repo.commit({"a.txt": "encoded\n"})
    assert _holds(repo, _found("a.txt", _oid(repo, "a.txt")))


def test_a_file_that_is_gone(repo: Repo) -> None:
    old = _oid(repo, "gone.py")
    repo.git("rm", "-q", "gone.py")
    repo.commit({})
    assert _holds(repo, _found("gone.py", old)) is False
    assert _holds(repo, _found("gone.py", old, value=False)) is False


def test_a_place_is_there_whatever_its_content(repo: Repo) -> None:
    assert _holds(repo, _found("a.py", "0" * 40, value=False))


def test_a_mark_of_exclamation_in_a_name_is_no_archive(repo: Repo) -> None:
    assert _holds(repo, _found("b!c.py", "0" * 40))
    assert _holds(repo, _found("a.py!member", _oid(repo, "a.py")))


def test_what_the_scan_has_seen_in_head_is_there_however_it_is_spelt(repo: Repo) -> None:
    repo.commit({"a.py": "encoded\n"})
    elsewhere = repo.git("rev-parse", "HEAD~1").strip()
    assert _holds(repo, _found("a.py", "0" * 40, seen=repo.head))
    assert _holds(repo, _found("a.py", "0" * 40, seen=elsewhere)) is False


@pytest.mark.parametrize("reason", [one for one in SkipReason if one is not SkipReason.ARCHIVE])
def test_nobody_knows_of_a_version_that_was_not_read(repo: Repo, reason: SkipReason) -> None:
    repo.commit({"a.py": "something else\n"})
    skipped = Skipped("its-first-name.py", reason, _oid(repo, "a.py"))
    assert _holds(repo, _found("a.py", "0" * 40), skipped) is None
    assert _holds(repo, _found("a.py", "0" * 40), skipped._replace(detail="0" * 40)) is False
    repo.commit({"a.py": f'a = "{_TOKEN}"\n'})
    assert _holds(repo, _found("a.py", "0" * 40), skipped._replace(detail=_oid(repo, "a.py"))) is True


def test_nobody_knows_of_an_archive_that_was_not_opened(repo: Repo) -> None:
    repo.commit({"a.zip": "something else\n", "b.zip": "and this\n"})
    inside, outside = _found("a.zip!conf/.env", "0" * 40), _found("a.py", "0" * 40)
    repo.commit({"a.py": "a = None\n"})
    for name in ("a.zip!inner.7z", "a-name-that-is-no-more.zip"):
        skipped = Skipped(name, SkipReason.ARCHIVE, "7z archives are not opened")
        assert _holds(repo, inside, skipped) is None
        assert _holds(repo, outside, skipped) is False
    assert _holds(repo, inside, Skipped("b.zip", SkipReason.ARCHIVE, "a password")) is False


def test_nobody_knows_where_the_tree_cannot_be_read(repo: Repo) -> None:
    repo.commit({"lib/b.py": "b = 1\n"})
    tree = _oid(repo, "lib")
    (repo.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    assert _holds(repo, _found("gone.py", "0" * 40)) is None


def test_a_value_in_a_name_of_a_file(repo: Repo) -> None:
    found = _found("<path name> x-[secret].py", "")
    assert _holds(repo, found) is False
    repo.commit({f"x-{_TOKEN}.py": "1\n"})
    assert _holds(repo, found)


def test_a_file_is_read_up_to_the_limit(repo: Repo) -> None:
    assert _holds(repo, _found("a.py", "0" * 40), limit=10) is False, "the scan has looked into it"
