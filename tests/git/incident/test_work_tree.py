"""What still stands in the work tree once the history is clean; what nobody looked into is not said to be."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from secopskit.incident.model import IncidentRow
from secopskit.incident.walk.work_tree import WorkTreeLook, look_at_work_tree
from support.cli import rules_cache
from support.incidents import incident_context, only_row
from support.repos import Repo
from support.values import github_token

_NONE = "a scan of the work tree: it finds none of them in its files"


@pytest.fixture(autouse=True)
def compiled_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "app")
    made.write(".git/info/exclude", "ignored/\n")
    return made


def _look(repo: Repo, row: IncidentRow) -> WorkTreeLook:
    return look_at_work_tree(incident_context(repo).session, [row])


def _words(look: WorkTreeLook) -> list[str]:
    return [one.words for one in look.left]


def _zip(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conf/app.py", text)
    return made.getvalue()


def test_each_of_many_files_that_it_leaked_from_is_looked_into(repo: Repo) -> None:
    token = github_token()
    repo.commit({f"ignored/{number:03}.py": f'token = "{token}"  # {number}\n' for number in range(80)})
    row = only_row(repo)
    assert (len(row.secret.paths), len(row.secret.objects)) == (80, 80)
    repo.git("rm", "-q", "-r", "--cached", ".")
    for number in range(79):
        (repo.path / f"ignored/{number:03}.py").unlink()
    assert _words(_look(repo, row)) == [f"still in ignored/079.py of the work tree: {row.secret.id}"]


def test_so_is_an_archive_that_it_leaked_from(repo: Repo) -> None:
    repo.commit({"ignored/dist.zip": _zip(f'token = "{github_token()}"\n')})
    row = only_row(repo)
    repo.git("rm", "-q", "--cached", "ignored/dist.zip")
    assert _words(_look(repo, row)) == [
        f"still in ignored/dist.zip!conf/app.py of the work tree: {row.secret.id}"
    ]


def test_all_of_the_work_tree_is_looked_into_wherever_one_stands(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"lib/app.py": f'token = "{github_token()}"\n', "docs/a.md": "a\n"})
    row = only_row(repo)
    repo.git("mv", "lib/app.py", "lib/elsewhere.py")
    monkeypatch.chdir(repo.path / "docs")
    assert _words(_look(repo, row)) == [f"still in lib/elsewhere.py of the work tree: {row.secret.id}"]


def test_a_file_that_it_leaked_from_and_that_cannot_be_read_is_left(repo: Repo) -> None:
    repo.commit({"ignored/app.py": f'token = "{github_token()}"\n'})
    row = only_row(repo)
    repo.git("rm", "-q", "--cached", "ignored/app.py")
    repo.write("ignored/app.py", bytes(range(256)) * 40)
    assert _words(_look(repo, row)) == [
        "nobody has looked into ignored/app.py, where it leaked from: binary content"
    ]


def test_of_other_files_that_were_not_read_it_is_said(repo: Repo) -> None:
    repo.commit({"app.py": f'token = "{github_token()}"\n'})
    row = only_row(repo)
    repo.git("rm", "-q", "app.py")
    assert _look(repo, row).check.startswith(_NONE)
    repo.write("old.7z", b"7z\xbc\xaf\x27\x1c" + bytes(range(256)) * 4)
    repo.write("a.bin", bytes(range(256)) * 40)
    repo.write("b.bin", bytes(range(256)) * 41)
    look = _look(repo, row)
    assert look.left == ()
    words = ("2 files (binary content)", "1 file (archive not opened, or not to its end)")
    assert all(one in look.check for one in words), look.check


def test_without_a_work_tree_nothing_is_said_of_one(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"app.py": f'token = "{github_token()}"\n'})
    row = replace(only_row(repo))
    assert _look(repo.clone(tmp_path / "bare.git", "--bare"), row) == WorkTreeLook()
