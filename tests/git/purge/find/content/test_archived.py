"""Values in archives: found in every kind, small and large, in packs, loose objects and files."""

from __future__ import annotations

import bz2
from pathlib import Path

import pytest

from secopskit.git.objects import slices
from secopskit.purge.find.content import archived
from secopskit.purge.find.content.filesearch import search_files
from secopskit.purge.find.narrow import narrowed
from secopskit.purge.find.survey import clean_objects, survey
from secopskit.purge.model import ArchivedHit
from secopskit.purge.values.matcher import ValueMatcher
from support.archives import every_kind, gzipped, zipped
from support.history import opened
from support.purges import target
from support.repos import Repo
from support.values import alnum

VALUE = alnum(24)


def blob(repo: Repo, data: bytes) -> str:
    return repo.git("hash-object", "-w", "--stdin", stdin=data).strip()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def test_a_survey_looks_into_archives_of_every_kind(repo: Repo) -> None:
    kinds = every_kind(".env", f"KEY={VALUE}\n".encode())
    oids = {name: blob(repo, data) for name, data in kinds.items()}
    innocent = blob(repo, zipped({".env": b"KEY=none\n"}))
    other = alnum(24)
    found = survey(opened(repo), ValueMatcher([target(VALUE), target(other, 2)]), jobs=1)
    assert found.blobs == dict.fromkeys(sorted(oids.values()), (1,))
    assert ArchivedHit(".env", (1,)) in found.archives[oids["a.zip"]]
    assert ArchivedHit("x.zip!y.tgz!.env", (1,)) in found.archives[oids["deep.tar"]]
    assert innocent in clean_objects(found)
    before = (target(VALUE), target(other, 2))
    assert narrowed(found, before, (target(VALUE, 7),)).archives[oids["a.zip"]] == (
        ArchivedHit(".env", (7,)),
    )
    assert not narrowed(found, before, (target(other),)).archives


def test_large_archives_are_looked_into_as_well(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "LARGE", 200)
    big = blob(repo, zipped({"a": alnum(2000).encode(), "b/.env": f"KEY={VALUE}".encode()}))
    text = blob(repo, f"{alnum(2000)} {VALUE}".encode())
    matcher = ValueMatcher([target(VALUE)])
    found = survey(opened(repo), matcher, jobs=1)
    assert found.blobs == {big: (1,), text: (1,)}
    assert found.archives == {big: (ArchivedHit("b/.env", (1,)),)}
    monkeypatch.setattr(archived, "_BOUNDS", archived._BOUNDS._replace(size=100))
    found = survey(opened(repo), matcher, jobs=1)
    assert found.blobs == {text: (1,)}
    ((said,),) = found.unopened.values()
    assert "larger than" in said.reason


def test_what_cannot_be_opened_is_told_and_counts_as_doubtful(repo: Repo) -> None:
    encrypted = bytearray(zipped({"secret.txt": VALUE.encode(), "b": b"b"}))
    encrypted[6] |= 1
    damaged = bz2.compress(VALUE.encode() * 40)[:-20]
    oids = [blob(repo, bytes(encrypted)), blob(repo, damaged), blob(repo, b"7z\xbc\xaf\x27\x1c" + bytes(40))]
    found = survey(opened(repo), ValueMatcher([target(VALUE)]), jobs=1)
    assert sorted(found.unopened) == sorted(oids)
    assert found.unopened[oids[0]] == (("secret.txt", "it is encrypted"),)
    clean = clean_objects(found)
    assert not any(oid in clean for oid in oids)


def test_a_value_in_the_name_of_a_member_or_beside_the_members(repo: Repo) -> None:
    named = blob(repo, gzipped(zipped({f"{VALUE}/x": b""})))
    beside = blob(repo, zipped({"x": b"x"}) + VALUE.encode())
    found = survey(opened(repo), ValueMatcher([target(VALUE)]), jobs=1)
    assert found.blobs == {named: (1,), beside: (1,)}
    assert found.archives[beside] == (ArchivedHit("", (1,)),)


def test_archives_among_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "left.jar").write_bytes(zipped({"a/b.properties": f"k={VALUE}".encode()}))
    (tmp_path / "clean.jar").write_bytes(zipped({"a": b"a"}))
    hits = search_files(str(tmp_path), ValueMatcher([target(VALUE)]))
    assert [(hit.path, hit.numbers) for hit in hits] == [("left.jar", (1,))]
