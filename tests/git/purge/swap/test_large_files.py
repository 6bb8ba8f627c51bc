"""Git LFS and submodules: what hangs on a repository and is no object of it goes along, or is said."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from secopskit.conduct.tell import SILENCE
from secopskit.purge import run
from secopskit.purge.find.content.large_files import stored_path
from secopskit.purge.find.parent import parent_of, told_of_parent
from secopskit.purge.journal import PurgeNotebook
from secopskit.purge.model import ArchiveFate, Drop, PlaceKind
from secopskit.purge.request import PlanRequest
from secopskit.purge.swap.rollback import rollback
from secopskit.purge.values import targets
from secopskit.purge.values.collect import ValuesToPurge
from secopskit.purge.values.rotation import ALL
from secopskit.secret import SecretValue
from support.archives import zipped
from support.cli import home
from support.history import opened
from support.purges import assert_whole, purge, stored_large_file
from support.repos import Repo
from support.values import alnum

VALUE = alnum(24)
CONTENT = zipped({"conf/.env": f"KEY={VALUE}\n".encode()})


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


def stored(repo: Repo, content: bytes) -> tuple[str, Path]:
    """A pointer to content that lies in the store, as Git LFS leaves it."""
    return stored_large_file(repo, content), repo.path / ".git" / stored_path(sha256(content).hexdigest())


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "nothing\n"})
    return made


def test_a_pointer_goes_with_the_stored_object_that_holds_the_value(repo: Repo, tmp_path: Path) -> None:
    held, path = stored(repo, CONTENT)
    clean, other = stored(repo, b"harmless")
    repo.commit({"big.bin": held, "other.bin": clean})
    values = ValuesToPurge(candidates=targets.from_values([SecretValue(VALUE.encode())], "typed"))
    facts = run.plan(
        opened(repo), values, PlanRequest(rotated=(ALL,), archives=ArchiveFate.DROP, jobs=1)
    ).facts
    assert facts.archives == ("big.bin!Git LFS object",)
    assert any("LFS server keeps them" in remark for remark in facts.remarks)
    assert not [one for one in facts.outside if one.place == PlaceKind.LFS.value and not one.ours]
    outcome = purge(repo, VALUE, backup_dir=tmp_path / "backup")
    assert outcome.proof.holds, outcome.proof.leftovers
    assert (path.exists(), other.exists()) == (False, True)
    assert repo.git("ls-tree", "-r", "--name-only", "main").split() == ["README", "other.bin"]
    assert any("LFS server" in note for note in outcome.notes)
    rollback(opened(repo), tell=SILENCE)
    assert path.read_bytes() == CONTENT
    assert repo.git("show", "main:big.bin") == held
    assert_whole(repo)


def test_a_kept_pointer_keeps_its_object_and_the_proof_names_it(repo: Repo) -> None:
    held, path = stored(repo, CONTENT)
    repo.commit({"big.bin": held})
    outcome = purge(repo, VALUE, archives=ArchiveFate.KEEP)
    assert [one.place for one in outcome.proof.leftovers] == [PlaceKind.LFS]
    assert path.exists()


def test_an_object_stays_as_long_as_a_file_points_to_it(repo: Repo) -> None:
    held, path = stored(repo, b"large")
    repo.commit({"a.bin": held, "b.bin": held})
    assert purge(repo, drops=[Drop(path="a.bin")]).proof.holds
    assert path.exists()
    assert purge(repo, drops=[Drop(path="b.bin")]).proof.holds
    assert not path.exists()
    assert not Path(PurgeNotebook.of(opened(repo)).file("large-files")).exists()


def test_inside_a_submodule_the_parent_is_named(repo: Repo, tmp_path: Path) -> None:
    leak = repo.commit({"a": VALUE})
    parent = Repo.create(tmp_path / "the parent")
    parent.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo.path), "libs/sub")
    parent.commit({}, "with a submodule")
    inner = Repo(parent.path / "libs/sub")
    assert parent_of(opened(repo)) is None
    assert told_of_parent(opened(repo)) == ""
    outcome = purge(inner, VALUE)
    (told,) = (note for note in outcome.notes if "submodule" in note)
    assert f"git -C '{parent.path}' add libs/sub" in told
    assert inner.head == outcome.commits[leak]
