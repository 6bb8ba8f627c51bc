"""Whole files to be removed, the large files behind them, and how found values are spelt."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from secopskit.errors import UsageError
from secopskit.purge.find.drops import blobs_at, large_files, make_drops, removed_blobs
from secopskit.purge.model import Leftover, PlaceKind
from secopskit.purge.values.spelling import spelt_forms
from support.history import opened, scan
from support.repos import Repo
from support.values import alnum


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path)


def blob(repo: Repo, name: str) -> str:
    return repo.git("rev-parse", name).strip()


def test_every_version_of_a_path_is_known_also_one_that_no_merge_took(repo: Repo) -> None:
    repo.commit({"conf/a": "1\n", "conf-b": "x\n"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"conf/a": "2\n"})
    side = blob(repo, "HEAD:conf/a")
    repo.git("checkout", "-q", "main")
    repo.commit({"conf/a": "3\n", "conf/deep/b": "4\n"})
    repo.git("merge", "-q", "-s", "ours", "side")
    repo.git("branch", "-q", "-D", "side")
    wanted = {
        blob(repo, name) for name in ("main:conf/a", "main:conf/deep/b", "main~1:conf/a", "main~2:conf/a")
    }
    repository = opened(repo)
    assert blobs_at(repository, ("conf",)) == wanted | {side}
    assert blobs_at(repository, ("conf/a",)) == (wanted | {side}) - {blob(repo, "main:conf/deep/b")}
    assert blobs_at(repository, ("con*",)) == frozenset()


def test_keeping_head_keeps_what_stands_there(repo: Repo) -> None:
    repo.commit({"conf/a": "1\n"})
    repo.commit({"conf/a": "2\n", "conf/b": "3\n"})
    repository = opened(repo)
    (whole,) = make_drops(repository, ["./conf/"], keep_head=False)
    assert (whole.path, whole.keep) == ("conf", frozenset())
    (past,) = make_drops(repository, ["conf", "conf/"], keep_head=True)
    assert past.keep == {blob(repo, "main:conf/a"), blob(repo, "main:conf/b")}
    assert removed_blobs(repository, [past]) == {blob(repo, "main~1:conf/a")}
    with pytest.raises(UsageError, match="no commit has"):
        make_drops(repository, ["con"], keep_head=False)


def test_large_files_left_behind_on_the_host_are_known(repo: Repo) -> None:
    oid = hashlib.sha256(b"large").hexdigest()
    other = hashlib.sha256(b"other").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 5\n"
    repo.commit({"big.bin": pointer, "small.txt": "no pointer\n"})
    repository = opened(repo)
    drops = make_drops(repository, ["big.bin", "small.txt"], keep_head=False)
    held = Leftover(place=PlaceKind.LFS, name=f"lfs/objects/{other[:2]}/{other[2:4]}/{other}", targets=(1,))
    assert large_files(repository, removed_blobs(repository, drops), [held]) == tuple(sorted((oid, other)))
    assert large_files(repository, [], []) == ()


@pytest.mark.parametrize(
    ("name", "spell"),
    [
        ("conf.yml", lambda value: f'db:\n  password: "{value[:4]}\\x{ord(value[4]):02x}{value[5:]}"\n'),
        ("conf.json", lambda value: f'{{"db_password": "{value[:4]}\\u{ord(value[4]):04x}{value[5:]}"}}\n'),
    ],
)
def test_a_value_is_also_known_as_the_file_spells_it(repo: Repo, name: str, spell: object) -> None:
    value = alnum(24)
    assert callable(spell)
    text = spell(value)
    repo.commit({name: text})
    findings = [finding for finding in scan(repo).findings if finding.secret]
    assert [finding.secret.reveal() for finding in findings if finding.secret] == [value.encode()]
    ((spelt,),) = spelt_forms(opened(repo), findings).values()
    assert spelt.reveal() in text.encode()
    assert spelt.reveal() != value.encode()
    assert len(spelt) <= len(value) + 8
