"""Archives with a value in them: they go or become a note, everywhere and only they; or they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.purge import run
from secopskit.purge.model import ARCHIVE_NOTE, ArchiveFate, Drop, PlaceKind
from secopskit.purge.request import PlanRequest, PurgeApplyRequest
from secopskit.purge.tell.outcome_facts import proof_facts
from secopskit.purge.tell.outcome_story import proof_story
from secopskit.purge.tell.places_story import archives_story
from secopskit.purge.tell.plan_story import plan_story
from secopskit.purge.values import targets
from secopskit.purge.values.collect import ValuesToPurge
from secopskit.purge.values.rotation import ALL
from secopskit.report.page import as_text
from secopskit.secret import SecretValue
from support.archives import gzipped, tarred, zipped
from support.cli import home
from support.history import opened
from support.purges import assert_whole, purge
from support.repos import Repo
from support.rewrites import rewritten
from support.values import alnum

VALUE = alnum(24)
HELD = zipped({".env": f"KEY={VALUE}\n".encode(), "a": b"a"})
CLEAN = zipped({".env": b"KEY=\n"})


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Two archives with the value, one of which a tag names too, one without; and a file that has it."""
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "nothing\n", "clean.zip": CLEAN})
    made.commit({"dist/all.zip": HELD, "src/a": f"k={VALUE}\n"}, "with archives")
    made.commit({"b.tar.gz": gzipped(tarred({"conf/x": VALUE.encode()})), "src/b": "b\n"})
    made.git("tag", "the-archive", made.git("rev-parse", "HEAD:dist/all.zip").strip())
    return made


def listed(repo: Repo, name: str) -> list[str]:
    return repo.git("ls-tree", "-r", "--name-only", name).split()


def test_the_files_go_from_every_commit_and_nothing_else(repo: Repo) -> None:
    first, second = repo.git("rev-parse", "HEAD~2").strip(), repo.git("rev-parse", "HEAD~1").strip()
    done = rewritten(repo, VALUE, archives=ArchiveFate.DROP)
    done.assert_clean()
    assert done.new(first) == first
    assert listed(done.stage, done.new(second)) == ["README", "clean.zip", "src/a"]
    assert listed(done.stage, "refs/heads/main") == ["README", "clean.zip", "src/a", "src/b"]
    assert done.text("refs/tags/the-archive").encode() == ARCHIVE_NOTE


def test_a_note_takes_their_place(repo: Repo) -> None:
    done = rewritten(repo, VALUE, archives=ArchiveFate.REPLACE)
    done.assert_clean()
    assert listed(done.stage, "refs/heads/main") == listed(repo, "main")
    assert done.text("refs/heads/main:dist/all.zip").encode() == ARCHIVE_NOTE
    assert done.text("refs/heads/main:b.tar.gz").encode() == ARCHIVE_NOTE
    assert (
        done.new(repo.git("rev-parse", "HEAD:clean.zip").strip())
        == repo.git("rev-parse", "main:clean.zip").strip()
    )


@pytest.mark.parametrize("fate", [ArchiveFate.DROP, ArchiveFate.REPLACE])
def test_purged_with_the_work_tree_and_proven(repo: Repo, fate: ArchiveFate) -> None:
    outcome = purge(repo, VALUE, archives=fate)
    assert outcome.proof.holds, outcome.proof.leftovers
    assert_whole(repo)
    assert repo.git("status", "--porcelain") == ""
    assert (repo.path / "dist/all.zip").exists() == (fate is ArchiveFate.REPLACE)
    assert (repo.path / "clean.zip").read_bytes() == CLEAN


def test_what_is_kept_is_left_over_by_name(repo: Repo) -> None:
    repo.git("tag", "-d", "the-archive")
    outcome = purge(repo, VALUE, archives=ArchiveFate.KEEP)
    assert not outcome.proof.holds
    left = {one.name for one in outcome.proof.leftovers if one.place is PlaceKind.ARCHIVE}
    assert left == {"dist/all.zip!.env", "b.tar.gz!conf/x"}
    assert repo.git("show", "main:src/a") == "k=***REMOVED***\n"
    assert (repo.path / "dist/all.zip").read_bytes() == HELD


def test_undecided_nothing_is_changed(repo: Repo) -> None:
    before = repo.head
    with pytest.raises(RefusedError, match="nobody has said"):
        purge(repo, VALUE, archives=None)
    values = ValuesToPurge(candidates=targets.from_values([SecretValue(VALUE.encode())], "typed"))
    proposal = run.plan(opened(repo), values, PlanRequest(rotated=(ALL,), to_be_applied=True, jobs=1))
    assert proposal.facts.archives == ("b.tar.gz!conf/x", "dist/all.zip!.env")
    assert "--archives drop" in as_text(archives_story(proposal.facts, None), width=200)
    with pytest.raises(RefusedError, match="2 archives in the history hold a value"):
        run.apply(opened(repo), proposal, PurgeApplyRequest(consented=True, backup=False))
    assert repo.head == before


def test_somebody_who_is_there_is_asked(repo: Repo) -> None:
    class Agreeing:
        present = True
        asked = ""

        def agrees(self, question: str) -> bool:
            self.asked = question
            return True

        def types(self, prompt: str) -> str:
            raise AssertionError(prompt)

    person = Agreeing()
    values = ValuesToPurge(candidates=targets.from_values([SecretValue(VALUE.encode())], "typed"))
    facts = run.plan(opened(repo), values, PlanRequest(rotated=(ALL,), jobs=1), respondent=person).facts
    assert "dist/all.zip!.env" in person.asked
    assert (facts.archives_become, facts.blockers) == ("drop", ())
    assert facts.removed == ("b.tar.gz", "dist/all.zip")
    assert facts.current == ("src/a",)
    facts = run.plan(
        opened(repo), values, PlanRequest(paths=("dist", "b.tar.gz"), rotated=(ALL,), jobs=1)
    ).facts
    assert "the-archive" not in facts.archives
    assert facts.archives == ()


def test_archives_that_go_with_their_path_need_no_decision(repo: Repo) -> None:
    repo.git("tag", "-d", "the-archive")
    outcome = purge(repo, VALUE, drops=[Drop(path="dist"), Drop(path="b.tar.gz")], archives=None)
    assert outcome.proof.holds, outcome.proof.leftovers


def test_what_cannot_be_opened_is_named_and_the_verdict_is_not_plain(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"a": f"{VALUE}\n", "old.7z": b"7z\xbc\xaf\x27\x1c" + bytes(40)})
    values = ValuesToPurge(candidates=targets.from_values([SecretValue(alnum(24).encode())], "typed"))
    plan = as_text(plan_story(run.plan(opened(repo), values, PlanRequest(jobs=1)).facts), width=200)
    assert "none of the values stands in what could be opened of the repository" in plan
    assert "old.7z" in plan
    outcome = purge(repo, VALUE)
    assert outcome.proof.holds
    assert outcome.proof.unopened == ("old.7z: 7z: this kind of archive is not opened",)
    text = as_text(proof_story(proof_facts(outcome.proof, str)), width=200)
    assert "Nothing is left in what could be opened" in text
    assert "old.7z" in text
