"""Messages and notes that name commits: they follow those that are rewritten, whatever the order."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.git.history.commitgraph import CommitGraph
from secopskit.purge.find.naming import CommitIds, id_words, named_in, with_namers
from support.cli import home
from support.purges import assert_whole, purge
from support.repos import Repo
from support.rewrites import rewritten
from support.values import alnum

VALUE = alnum(24)


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo")
    made.commit({"README": "nothing\n"})
    return made


def message(repo: Repo, commit: str) -> str:
    return repo.git("log", "-1", "--format=%B", commit).strip()


def test_reverts_and_abbreviated_ids_follow(repo: Repo) -> None:
    clean = repo.head
    leak = repo.commit({"a": VALUE})
    said = f"Revert\n\nThis reverts commit {{}}, see {{}} and v1-3-g{{}}; not {clean} nor {clean[:9]}x."
    revert = repo.commit({"a": "none\n"}, said.format(leak, leak[:7], leak[:10]))
    done = rewritten(repo, VALUE)
    new = done.new(leak)
    assert new != leak
    assert message(done.stage, done.new(revert)) == said.format(new, new[:7], new[:10])
    assert done.made.ids == "old ids in messages and notes: 3 in 1 text put right"
    assert done.extent.only_naming == 0


def test_a_commit_that_only_names_one_of_another_branch_changes_too(repo: Repo) -> None:
    base = repo.head
    repo.git("checkout", "-q", "-b", "a-side")
    leak = repo.commit({"a": VALUE})
    picked = repo.commit({"b": "b\n"}, "b")
    repo.git("checkout", "-q", "main")
    before = repo.commit({"c": "c\n"})
    names = repo.commit({"b": "b\n"}, f"b\n\n(cherry picked from commit {picked})")
    third = repo.commit({"e": "e\n"}, "e")
    repo.git("checkout", "-q", "-b", "z-third", base)
    also = repo.commit({"f": "f\n"}, f"as in {third[:12]}")
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert (done.new(base), done.new(before)) == (base, before)
    assert set(done.made.commits) == {leak, picked, names, third, also}
    assert message(done.stage, done.new(names)).endswith(f"commit {done.new(picked)})")
    assert message(done.stage, done.new(also)) == f"as in {done.new(third)[:12]}"
    assert done.extent.only_naming == 3
    kept = _copy(repo)
    outcome = purge(kept, VALUE)
    assert outcome.proof.holds, outcome.proof.leftovers
    assert "old ids in messages and notes: 2 in 2 texts put right" in outcome.notes
    assert_whole(kept)


def _copy(repo: Repo) -> Repo:
    return repo.clone(repo.path.with_name("copy"), "--mirror")


def test_old_ids_may_be_kept(repo: Repo) -> None:
    leak = repo.commit({"a": VALUE})
    repo.git("checkout", "-q", "-b", "side", "HEAD~")
    names = repo.commit({"b": "b\n"}, f"see {leak}")
    done = rewritten(repo, VALUE, keep_ids=True)
    assert set(done.made.commits) == {leak}
    assert done.new(names) == names
    assert done.extent.names == {names: (leak,)}
    assert done.made.ids == "old ids of commits stay in 1 message or note"


def test_tags_and_notes_follow(repo: Repo) -> None:
    clean = repo.head
    repo.git("tag", "-a", "early", "-m", "nothing", clean)
    leak = repo.commit({"a": VALUE})
    repo.git("tag", "-a", "names", "-m", f"without {leak[:8]}", clean)
    repo.git("notes", "add", "-m", f"broken by {leak}", clean)
    repo.commit({"copy-of-the-note": f"broken by {leak}\n"})
    done = rewritten(repo, VALUE)
    new = done.new(leak)
    assert (
        done.stage.git("for-each-ref", "--format=%(contents)", "refs/tags/names").strip()
        == f"without {new[:8]}"
    )
    assert done.stage.git("notes", "show", clean) == f"broken by {new}\n"
    assert done.text("refs/heads/main:copy-of-the-note") == f"broken by {leak}\n"
    early = repo.git("rev-parse", "early").strip()
    assert done.new(early) == early


def test_a_value_beside_an_id_and_a_signed_commit(repo: Repo) -> None:
    leak = repo.commit({"a": VALUE})
    both = repo.commit({}, f"{VALUE} came with {leak}")
    outcome = purge(repo, VALUE)
    assert outcome.proof.holds, outcome.proof.leftovers
    assert message(repo, outcome.commits[both]) == f"***REMOVED*** came with {outcome.commits[leak]}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"see abc1234 and (deadbeef).", [b"abc1234", b"deadbeef"]),
        (b"abcdefg xabc1234 abc123 abc_1234567 ABCDEF12", []),
        (b"This reverts commit 1234567.", [b"1234567"]),
        (b"https://h/o/r/commit/abc1234#x v2-10-gabc1234", [b"abc1234", b"abc1234"]),
        (b"a" * 64, [b"a" * 64]),
        (b"a" * 65, []),
        (b"-gabc1234\nabc1234_ gabc1234 -Gabc1234 abc1234", [b"abc1234", b"abc1234"]),
        (b"abc1234abc1234g abc1234-gabc12345", [b"abc1234", b"abc12345"]),
    ],
)
def test_what_may_be_an_id(text: bytes, words: list[bytes]) -> None:
    assert [word[0] for word in id_words(text)] == words


def test_an_id_that_means_several_commits_means_none() -> None:
    one, other = "abc1234" + "0" * 33, "abc1234" + "1" * 33
    ids = CommitIds([one, other])
    assert named_in(f"abc1234 abc12340 {other}".encode(), ids) == (one, other)
    assert ids.meant("abc1235") == ids.meant("fffffff") == ""


def test_a_number_means_a_commit_only_where_that_is_no_chance() -> None:
    number = "2024010" + "f" * 33
    assert CommitIds([number]).meant("2024010") == number
    many = CommitIds([number, *(f"{n:040x}" for n in range(30_000))])
    assert many.meant("2024010") == ""
    assert many.meant("2024010f") == many.meant(number) == number


def test_words_that_go_in_a_circle_end() -> None:
    graph = CommitGraph(
        trees=dict.fromkeys("abcde", "t"),
        parents={"a": (), "b": ("a",), "c": ("b",), "d": (), "e": ("d",)},
    )
    order = with_namers(graph, {"a"}, {"a": ("c",), "d": ("b",), "b": ("e",)})
    assert sorted(order) == list("abcde")
    assert order.index("a") < order.index("b") < order.index("c")
    assert order.index("d") < order.index("e")
    assert with_namers(graph, {"b"}, {"d": ("c",)}) == ["b", "c", "d", "e"]
    assert with_namers(graph, {"d"}, {"a": ("e",)}) == ["d", "e", "a", "b", "c"]
