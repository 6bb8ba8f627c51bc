"""What holds on to objects by name: tags, notes, stashes, heads, replacements, and names themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.purge.model import RefChange
from support.cli import home
from support.purges import everything
from support.repos import Repo
from support.rewrites import Rewritten, rewritten
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


def changes(done: Rewritten) -> dict[str, tuple[str, str]]:
    return {change.ref: (change.old, change.new) for change in done.made.refs}


def test_everything_at_once(tmp_path: Path) -> None:
    done = rewritten(everything(tmp_path / "repo", VALUE), VALUE)
    done.assert_clean()
    assert "refs/heads/old" not in changes(done)
    assert set(changes(done)) == {*done.extent.refs, *done.extent.renamed_refs.values()}
    assert len(done.made.stash) == 3


# --- tags ---------------------------------------------------------------------------------------


def test_annotated_nested_and_clean_tags(repo: Repo) -> None:
    repo.git("tag", "-a", "clean", "-m", "clean")
    repo.git("tag", "-a", "dirty", "-m", f"about {VALUE}")
    repo.git("tag", "-a", "nested", "-m", "a tag of a tag", "dirty")
    repo.git("tag", "-a", "twice", "-m", "once more", "nested")
    repo.commit({"a": VALUE})
    repo.git("tag", "-a", "v1", "-m", "v1")
    repo.git("tag", "light")
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert set(changes(done)) == {
        f"refs/tags/{tag}" for tag in ("dirty", "nested", "twice", "v1", "light")
    } | {"refs/heads/main"}
    assert len(done.extent.tags) == 4
    for tag in ("dirty", "nested", "twice"):
        assert done.stage.git("rev-parse", f"{tag}^{{}}") == repo.git("rev-parse", "main~")
    assert done.text("nested").startswith(
        f"object {done.new(repo.git('rev-parse', 'dirty').strip())}\ntype tag\n"
    )
    assert done.text("v1").replace(done.new(repo.head), repo.head) == repo.git("cat-file", "-p", "v1")


@pytest.mark.parametrize("word", ["PGP SIGNATURE", "SSH SIGNATURE"])
def test_signed_tags_lose_their_signature_only_if_they_change(repo: Repo, word: str) -> None:
    def signed(name: str, target: str) -> str:
        text = f"object {target}\ntype commit\ntag {name}\ntagger A <a@b> 1 +0000\n\nwords\n"
        text += f"-----BEGIN {word}-----\nabc\n-----END {word}-----\n"
        tag = repo.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=text.encode()).strip()
        repo.git("update-ref", f"refs/tags/{name}", tag)
        return tag

    signed("old", repo.head)
    repo.commit({"a": VALUE})
    new = signed("new", repo.head)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert done.extent.signed == (new,)
    assert "refs/tags/old" not in changes(done)
    assert done.text("new").endswith("\n\nwords\n")


def test_the_tagger_and_the_name_in_a_tag(repo: Repo) -> None:
    repo.git("tag", "-a", f"v-{VALUE}", "-m", "m", env={"GIT_COMMITTER_NAME": f"A {VALUE}"})
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert done.extent.renamed_refs == {f"refs/tags/v-{VALUE}": "refs/tags/v-REMOVED"}
    assert "\ntag v-REMOVED\ntagger A ***REMOVED*** <" in done.text("v-REMOVED")


def test_refs_and_tags_on_trees_and_blobs(repo: Repo) -> None:
    repo.commit({"d/e/a": VALUE, f"n/{VALUE}": "x"})
    tree, blob = repo.git("rev-parse", "HEAD^{tree}", "HEAD:d/e/a").split()
    clean = repo.git("rev-parse", "HEAD~^{tree}").strip()
    repo.git("reset", "-q", "--hard", "HEAD~")
    for name, oid in (("tree", tree), ("blob", blob), ("clean", clean)):
        repo.git("update-ref", f"refs/tags/{name}", oid)
        repo.git("tag", "-a", f"{name}-tag", "-m", "m", oid)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert not done.extent.commits
    assert set(changes(done)) == {f"refs/tags/{name}" for name in ("tree", "tree-tag", "blob", "blob-tag")}
    assert set(done.extent.refs) == set(changes(done))
    assert done.text("blob-tag^{}") == "***REMOVED***"
    assert done.stage.git("ls-tree", "-r", "--name-only", "tree-tag^{}").split() == [
        "README",
        "d/e/a",
        "n/REMOVED",
    ]


# --- notes --------------------------------------------------------------------------------------


def test_notes_follow_what_they_speak_of(repo: Repo) -> None:
    clean = repo.head
    leak = repo.commit({"a": VALUE})
    later = repo.commit({"b": "b"})
    repo.git("tag", "-a", "v1", "-m", "v1")
    tag = repo.git("rev-parse", "v1").strip()
    blob = repo.git("rev-parse", "HEAD:a").strip()
    for number, oid in enumerate((clean, leak, tag, blob)):
        repo.git("notes", "add", "-m", f"note {number}", oid)
    repo.git("notes", "add", "-m", f"with {VALUE}", later)
    repo.git("notes", "remove", leak)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    noted = done.stage.git("notes", "list").split()[1::2]
    assert set(noted) == {clean, done.new(later), done.new(tag), done.new(blob)}
    assert done.stage.git("notes", "show", done.new(later)) == "with ***REMOVED***\n"
    assert len(done.extent.notes) == len(repo.git("rev-list", "refs/notes/commits").split()) - 1
    for old in done.extent.notes:
        assert done.stage.git("show", "-s", "--format=%s %ad", done.new(old)) == repo.git(
            "show", "-s", "--format=%s %ad", old
        )


def test_notes_cut_into_directories_stay_so(repo: Repo) -> None:
    olds = [repo.head, *(repo.commit({"a": f"{number} {VALUE}"}) for number in range(4))]
    commands = ["commit refs/notes/deep\ncommitter A <a@b> 1 +0000\ndata 0\n"]
    for depth, old in enumerate(olds):
        cut = "/".join([*(old[2 * n : 2 * n + 2] for n in range(depth)), old[2 * depth :]])
        commands.append(f"M 100644 inline {cut}\ndata {len(old)}\n{old}\n")
    repo.git("fast-import", "--quiet", stdin="".join(commands).encode())
    done = rewritten(repo, VALUE)
    done.assert_clean()
    for old in olds:
        assert done.stage.git("notes", "--ref=deep", "show", done.new(old)) == done.new(old)
    lengths = [
        name.count("/") for name in done.stage.git("ls-tree", "-r", "--name-only", "refs/notes/deep").split()
    ]
    assert sorted(lengths) == [0, 1, 2, 3, 4]


def test_notes_about_clean_commits_are_left_alone(repo: Repo) -> None:
    repo.git("notes", "add", "-m", "fine", repo.head)
    repo.commit({"a": VALUE})
    done = rewritten(repo, VALUE)
    assert set(changes(done)) == {"refs/heads/main"}
    assert not done.extent.notes


def test_merged_notes(repo: Repo) -> None:
    commits = [repo.commit({"a": f"{number} {VALUE}"}) for number in range(3)]
    repo.git("notes", "add", "-m", "first", commits[0])
    repo.git("update-ref", "refs/notes/other", "refs/notes/commits")
    repo.git("notes", "add", "-m", "ours", commits[1])
    repo.git("notes", "--ref=other", "add", "-m", "theirs", commits[2])
    repo.git("notes", "merge", "-q", "other")
    done = rewritten(repo, VALUE)
    done.assert_clean()
    shown = [done.stage.git("notes", "show", done.new(commit)) for commit in commits]
    assert shown == ["first\n", "ours\n", "theirs\n"]
    assert len(done.extent.notes) == 4


def test_notes_on_top_of_a_commit_that_is_none(repo: Repo) -> None:
    leak = repo.commit({"d/a": VALUE, "b": "b"})
    repo.commit({"b": "more"})
    repo.git("update-ref", "refs/notes/odd", "HEAD")
    repo.git("reset", "-q", "--hard", leak)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    done.assert_exact()
    assert len(done.extent.notes) == 1
    assert done.text("refs/notes/odd:d/a") == "***REMOVED***"
    assert done.text("refs/notes/odd:b") == "more"


# --- heads and stashes --------------------------------------------------------------------------


def test_all_stash_entries(repo: Repo) -> None:
    repo.commit({"a": "a"})
    for number in range(3):
        repo.write("a", f"{number} {VALUE if number == 0 else 'clean'}")
        repo.git("stash", "push", "-q")
    entries = repo.git("stash", "list", "--format=%H").split()
    done = rewritten(repo, VALUE)
    assert done.extent.stash == tuple(entries)
    assert done.made.stash == (entries[0], entries[1], done.new(entries[2]))
    assert done.made.stash[2] != entries[2]
    assert changes(done) == {}
    assert done.text(f"{done.made.stash[2]}:a") == "0 ***REMOVED***"


def test_detached_heads_and_linked_work_trees(repo: Repo, tmp_path: Path) -> None:
    leak = repo.commit({"a": VALUE})
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    alone = linked.commit({"b": "only here"})
    linked.git("update-ref", "refs/worktree/own", "HEAD")
    repo.git("checkout", "-q", "--detach")
    repo.git("branch", "-D", "-q", "main")
    for seen in (repo, linked):
        done = rewritten(Repo(seen.path), VALUE)
        assert changes(done) == {
            "HEAD": (leak, done.new(leak)),
            "worktrees/linked/HEAD": (alone, done.new(alone)),
            "worktrees/linked/refs/worktree/own": (alone, done.new(alone)),
        }
        assert set(done.extent.refs) == set(changes(done))


def test_replacements_are_renamed_and_mapped(repo: Repo) -> None:
    leak = repo.commit({"a": VALUE})
    other = repo.commit({"a": f"not {VALUE}"})
    repo.git("replace", leak, other)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert changes(done)[f"refs/replace/{leak}"] == (other, "")
    assert changes(done)[f"refs/replace/{done.new(leak)}"] == ("", done.new(other))
    assert f"refs/replace/{leak}" in done.extent.refs


def test_names_of_refs(repo: Repo) -> None:
    repo.git("branch", "feature-REMOVED")
    repo.git("branch", f"x/{VALUE}/y")
    repo.git("update-ref", f"refs/remotes/{VALUE}/main", "HEAD")
    repo.git("symbolic-ref", f"refs/remotes/{VALUE}/HEAD", f"refs/remotes/{VALUE}/main")
    repo.git("checkout", "-q", "-b", f"feature-{VALUE}")
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert done.extent.renamed_refs == {
        f"refs/heads/feature-{VALUE}": "refs/heads/feature-REMOVED-2",
        f"refs/heads/x/{VALUE}/y": "refs/heads/x/REMOVED/y",
        f"refs/remotes/{VALUE}/main": "refs/remotes/REMOVED/main",
        f"refs/remotes/{VALUE}/HEAD": "refs/remotes/REMOVED/HEAD",
    }
    assert done.made.symrefs == {
        "HEAD": "refs/heads/feature-REMOVED-2",
        "refs/remotes/REMOVED/HEAD": "refs/remotes/REMOVED/main",
    }
    assert RefChange(ref=f"refs/heads/feature-{VALUE}", old=repo.head, new="") in done.made.refs


@pytest.mark.parametrize(
    ("dirty", "clean", "expected"),
    [
        ((f"{VALUE}/x", f"{VALUE}/y"), ("REMOVED",), ("REMOVED-2/x", "REMOVED-2/y")),
        ((f"{VALUE}",), ("REMOVED/x", "REMOVED-2/y"), ("REMOVED-3",)),
        ((f"{VALUE}/x",), ("REMOVED", "REMOVED-2/x"), ("REMOVED-2/x-2",)),
        ((f"{VALUE}/x/{VALUE}",), ("REMOVED/x",), ("REMOVED/x-2/REMOVED",)),
    ],
)
def test_new_names_stand_beside_those_that_are_taken(
    repo: Repo, dirty: tuple[str, ...], clean: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    for name in (*dirty, *clean):
        repo.git("branch", name)
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert [done.extent.renamed_refs[f"refs/heads/{name}"] for name in dirty] == [
        f"refs/heads/{name}" for name in expected
    ]


def test_names_of_two_values_of_which_one_is_a_directory(repo: Repo) -> None:
    first, second = sorted((VALUE, alnum(24)))
    repo.git("branch", first)
    repo.git("branch", f"{second}/x")
    done = rewritten(repo, first, second)
    done.assert_clean()
    assert done.extent.renamed_refs == {
        f"refs/heads/{first}": "refs/heads/REMOVED",
        f"refs/heads/{second}/x": "refs/heads/REMOVED-2/x",
    }


def test_names_below_refs_that_somebody_chose(repo: Repo) -> None:
    repo.git("update-ref", f"refs/{VALUE}/x", "HEAD")
    repo.git("update-ref", f"refs/heads/refs/heads/{VALUE}", "HEAD")
    done = rewritten(repo, VALUE)
    done.assert_clean()
    assert set(done.extent.renamed_refs.values()) == {"refs/REMOVED/x", "refs/heads/refs/heads/REMOVED"}


# --- other people's settings ---------------------------------------------------------------------


def test_nothing_of_the_repository_is_run(repo: Repo, tmp_path: Path) -> None:
    trap = tmp_path / "trapped"
    for name in (
        "core.fsmonitor",
        "diff.external",
        "filter.x.clean",
        "filter.x.smudge",
        "core.pager",
        "gpg.program",
    ):
        repo.git("config", name, f"touch {trap}; false")
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "diff.renames", "copies")
    repo.git("config", "fastimport.unpackLimit", "1")
    hook = repo.path / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {trap}\n", encoding="utf-8")
    hook.chmod(0o755)
    repo.write(".gitattributes", "* filter=x diff=x\n")
    blob = repo.git("hash-object", "-w", "--no-filters", "--stdin", stdin=VALUE.encode()).strip()
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},leak")
    tree = repo.git("write-tree").strip()
    commit = repo.git("commit-tree", "-p", "HEAD", "-m", "m", tree).strip()
    (repo.path / ".git" / "refs" / "heads" / "main").write_text(f"{commit}\n", encoding="utf-8")
    trap.unlink(missing_ok=True)
    done = rewritten(repo, VALUE)
    assert done.text(f"{done.new(commit)}:leak") == "***REMOVED***"
    assert not trap.exists()


def test_packs_borrowed_objects_and_odd_paths(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": VALUE})
    repo.git("gc", "-q")
    (tmp_path / 'o"dd \n#').mkdir()
    clone = Repo(tmp_path / 'o"dd \n#' / "clone")
    repo.git("clone", "-q", "--shared", str(repo.path), str(clone.path))
    clone.commit({"b": "b"})
    done = rewritten(clone, VALUE)
    done.assert_clean()
    done.assert_exact()
