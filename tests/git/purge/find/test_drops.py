"""Whole files to be removed, the large files behind them, and how found values are spelt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from secopskit.errors import ExitCode, UsageError
from secopskit.findings import Finding
from secopskit.purge import run
from secopskit.purge.find.drops import blobs_at, large_files, make_drops, removed_blobs
from secopskit.purge.model import Leftover, PlaceKind
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.tell.outcome_story import outcome_story
from secopskit.purge.values import spelling
from secopskit.purge.values.collect import FindingChoice, ScannedFindings, values_found
from secopskit.purge.values.rotation import ALL
from secopskit.purge.values.spelling import spellings
from secopskit.purge.verify import verify
from secopskit.report.page import as_text
from secopskit.secret import SecretValue
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
    ((spelt,),) = spellings(opened(repo), findings).forms.values()
    assert spelt.reveal() in text.encode()
    assert spelt.reveal() != value.encode()
    assert len(spelt) <= len(value) + 8


def _with_spelling(repo: Repo, before: Mapping[str, str]) -> tuple[str, str, list[Finding]]:
    """A value, how `z/conf.yml` spells it, and the findings of a history in which other files come first."""
    value = alnum(24)
    spelt = f"{value[:8]}\\N{value[8:]}"
    repo.commit({**before, "z/conf.yml": f'db:\n  password: "{spelt}"\n'})
    meant = f"{value[:8]}\x85{value[8:]}"
    findings = [one for one in scan(repo).findings if one.secret]
    return meant, spelt, sorted(findings, key=lambda one: one.locations[0].path)


@pytest.mark.slow
def test_a_spelling_is_known_however_many_files_hold_values(repo: Repo) -> None:
    others = {f"e{number:04}/.env": f"DB_PASSWORD={alnum(20)}\n" for number in range(2050)}
    meant, spelt, findings = _with_spelling(repo, others)
    assert len(findings) == len(others) + 1
    assert findings[-1].secret == SecretValue(meant.encode())
    assert spellings(opened(repo), findings).forms == {findings[-1].id: (SecretValue(spelt.encode()),)}


def test_where_a_file_is_too_large_to_look_for_a_spelling_that_is_told(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spelling, "LARGE", 10)
    monkeypatch.setattr(spelling, "_CHUNK", 7)
    _, _, findings = _with_spelling(repo, {"a/.env": f"DB_PASSWORD={alnum(20)}\n"})
    repository = opened(repo)
    assert len(findings) == 2
    assert spellings(repository, findings) == ({}, ("z/conf.yml",))  # the other stands as it is
    values = values_found(repository, ScannedFindings(findings=tuple(findings)), FindingChoice())
    assert values.unspelt == ("z/conf.yml",)
    plan = run.plan(repository, values, PlanRequest(rotated=(ALL,), jobs=1))
    (limit,) = plan.facts.scope.limits if plan.facts.scope else ()
    assert limit.startswith("z/conf.yml: ")
    result = run.apply(repository, plan, PurgeApplyRequest(consented=True, backup=False))
    told = as_text(outcome_story(result.facts), width=200)
    assert "Nothing is left." not in told
    assert limit in " ".join(told.split())
    assert result.code is ExitCode.FINDINGS
    proof = verify(repository, values, PlanRequest(jobs=1))
    assert "z/conf.yml" in [one.name for one in proof.leftovers]
