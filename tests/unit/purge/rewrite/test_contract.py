"""What we take for granted of git-filter-repo, whose authors promise no stable library."""

from __future__ import annotations

import inspect
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import git_filter_repo as fr
import pytest

from secopskit.errors import GitError
from secopskit.git.objects.object_id import object_id
from secopskit.purge.rewrite import filter_repo, replay
from secopskit.purge.rewrite.replay import Replay, command
from secopskit.purge.rewrite.stage import make_stage
from support.history import opened
from support.repos import Repo

PERSON = b"Ad\xe9 \xc3\x84 <a.d'a@example.org>"


def test_the_version_is_one_we_know() -> None:
    assert version("git-filter-repo").startswith("2.47.")


def test_the_arguments_turn_off_all_that_we_do_not_want() -> None:
    args = fr.FilteringOptions.parse_args(list(filter_repo.ARGUMENTS))
    assert args.stdin
    assert args.partial
    assert not args.repack
    assert (args.prune_empty, args.prune_degenerate) == ("never", "never")
    assert args.preserve_commit_encoding is True
    assert args.preserve_commit_hashes is True
    assert args.replace_refs == "update-no-add"


def test_what_is_overridden_is_there() -> None:
    for name in ("_setup_input", "_insert_into_stream", "_record_metadata"):
        ours = inspect.signature(getattr(filter_repo.Filter, name))
        theirs = inspect.signature(getattr(fr.RepoFilter, name))
        assert list(ours.parameters) == list(theirs.parameters)
    commit = inspect.signature(fr.Commit).parameters
    assert {
        "branch",
        "author_name",
        "committer_date",
        "message",
        "file_changes",
        "parents",
        "encoding",
    } <= set(commit)
    assert "blob_id" in vars(fr.FileChange(b"M", b"tree", b"1" * 40, b"040000"))


def test_the_script_loads_nothing_of_ours() -> None:
    code = (
        f"import runpy, sys; runpy.run_path({filter_repo.__file__!r}, run_name='x'); "
        "sys.exit(any(name.split('.')[0] == 'secops' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == 0


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def commit(tree: str, parents: list[bytes], *, message: bytes = b"m\n", encoding: bytes = b"") -> bytes:
    lines = [b"tree " + tree.encode(), *(b"parent " + parent for parent in parents)]
    lines += [b"author %s 1 +0000" % PERSON, b"committer %s 1700000000 -0730" % PERSON]
    lines += [b"encoding " + encoding] if encoding else []
    return b"\n".join(lines) + b"\n\n" + message


def test_commits_come_out_as_they_went_in(repo: Repo) -> None:
    repo.commit({"a": "1", "d/b": "2"})
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    empty = repo.git("hash-object", "-t", "tree", "-w", "--stdin").strip()
    texts: list[bytes] = []

    def add(tree: str, parents: list[bytes], **more: bytes) -> bytes:
        texts.append(commit(tree, parents, **more))
        return object_id("sha1", "commit", texts[-1]).hex().encode()

    outside = repo.head.encode()
    root = add(tree, [])
    other = add(empty, [], message=b"")
    third = add(tree, [root, other, outside], message=b"no newline at the end")
    fourth = add(
        tree, [third], message=b"\n\n  blank lines and \0 and \xff, data 3\n\n\n", encoding=b"ISO-8859-15"
    )
    same = add(tree, [fourth], message=b"commit refs/heads/x\nmark :1\n" + b"f" * 40 + b"\n")
    add(empty, [same])
    with Replay(stage := make_stage(opened(repo), f"{repo.path}-stage")) as running:
        marks: dict[bytes, int] = {}
        for text in texts:
            told = command(text, len(marks) + 1, marks)
            assert told
            running.send(told)
            marks[object_id("sha1", "commit", text).hex().encode()] = len(marks) + 1
        running.finish()
    for oid, text in zip(marks, texts, strict=True):
        shown = Repo(Path(stage.git_dir)).git("cat-file", "commit", oid.decode())
        assert shown.encode("utf-8", "surrogateescape") == text
    assert repo.git("rev-list", "--all", "--count") == "1\n"


def test_a_failure_is_told_in_git_s_words(repo: Repo) -> None:
    text = command(commit("1" * 40, []), 1, {})
    assert text
    with Replay(make_stage(opened(repo), f"{repo.path}-stage")) as running:
        running.send(text)
        with pytest.raises(GitError, match="git-filter-repo failed"):
            running.finish()


def test_without_the_library_its_name_is_told(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "script.py"
    script.write_text("import no_such_filter", encoding="utf-8")
    monkeypatch.setattr(replay, "_SCRIPT", str(script))
    with Replay(make_stage(opened(repo), f"{repo.path}-stage")) as running:
        running.send(b"x" * 1_000_000)  # more than a pipe holds
        with pytest.raises(GitError, match="not installed"):
            running.finish()


def test_leaving_early_ends_it(repo: Repo) -> None:
    running = Replay(make_stage(opened(repo), f"{repo.path}-stage"))
    with suppress(KeyError), running:
        raise KeyError
    assert running._process.returncode is not None
