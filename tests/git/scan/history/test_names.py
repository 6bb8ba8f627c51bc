"""Secrets in names: of files, directories, branches, tags and authors. No place shows the value."""

from __future__ import annotations

import pytest

from secopskit.findings import Location, ScanResult
from secopskit.scan.history.objects.selection import commits_of
from support.forked import secops
from support.history import opened, scan
from support.repos import Repo
from support.values import github_token


def places(result: ScanResult) -> dict[str, Location]:
    return {place.path: place for finding in result.findings for place in finding.locations}


def test_every_kind_of_name_in_a_history(repo: Repo) -> None:
    tokens = {name: github_token() for name in ("directory", "file", "branch", "tag", "author")}
    first = repo.commit({f"d-{tokens['directory']}/{name}": name for name in ("a", "b")})
    repo.git("rm", "-q", "-r", f"d-{tokens['directory']}")
    repo.git("commit", "-q", "-m", "gone", env={"GIT_AUTHOR_NAME": tokens["author"]})
    repo.commit({f"{tokens['file']}.txt": "x", "a.bin": b"\0" * 64})
    repo.git("branch", f"feature/{tokens['branch']}")
    repo.git("tag", f"v-{tokens['tag']}")
    for _ in range(2):
        result = scan(repo, cache=True)
        found = places(result)
        assert found.keys() == {
            "<path name> d-[secret]/",
            "<path name> [secret].txt",
            "<branch name> refs/heads/feature/[secret]",
            "<tag name> refs/tags/v-[secret]",
            "<author or committer>",
        }
        assert len(result.findings) == len(tokens)
        assert not [path for path in found for token in tokens.values() if token in path]
    gone = found["<path name> d-[secret]/"].provenance
    there = found["<path name> [secret].txt"].provenance
    assert gone
    assert there
    assert (gone.first_commit, gone.present) == (first, False)
    assert (there.first_commit, there.present) == (repo.head, True)


def test_a_name_that_another_branch_has_is_there(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "other")
    commit = repo.commit({f"d-{github_token()}/a": "1"})
    repo.git("checkout", "-q", "main")
    (found,) = places(scan(repo)).values()
    assert found.provenance
    assert (found.provenance.first_commit, found.provenance.present) == (commit, True)


def test_each_of_many_names_has_its_commit(repo: Repo) -> None:
    tokens = [github_token() for _ in range(230)]
    first = repo.commit({f"a/{token}.txt": "1" for token in tokens[:120]})
    second = repo.commit({f"b/{token}.txt": "2" for token in tokens[120:]})
    found = [place.provenance for finding in scan(repo).findings for place in finding.locations]
    assert [told.first_commit for told in found if told].count(first) == 120
    assert [told.first_commit for told in found if told].count(second) == 110
    assert all(told and told.present and told.author for told in found)


def test_a_range_brings_the_names_that_it_adds(repo: Repo) -> None:
    old = f"old-{github_token()}"
    repo.commit({old: "1"})
    repo.commit({old: "2", f"new-{github_token()}": "1"})
    assert set(places(scan(repo, commits_of(opened(repo), "HEAD~1..HEAD")))) == {"<path name> new-[secret]"}


def test_a_commit_and_a_work_tree(repo: Repo) -> None:
    token = github_token()
    repo.stage({f"vendor/{token}/a": "x\n"})
    for words in (("hook", "run"), ("scan",), ("scan", "--staged")):
        outcome = secops(*words, cwd=repo.path)
        assert (outcome.code, token in outcome.text) == (1, False), words
        assert "<path name> vendor/[secret]/" in outcome.text
    assert secops("scan", "--exclude", "vendor/", cwd=repo.path).code == 0
    repo.commit({})
    repo.stage({f"vendor/{token}/a": "y\n"})
    assert secops("hook", "run", cwd=repo.path).code == 0, "the name was there before"


@pytest.mark.parametrize(("words", "code"), [("--range HEAD~1..{}", 0), ("--range {}..none", 2)])
def test_a_ref_that_a_user_names_is_not_shown_with_the_value_in_it(repo: Repo, words: str, code: int) -> None:
    token = github_token()
    repo.git("branch", f"fix/{token}")
    repo.commit({"README": "more\n"})
    repo.git("branch", "-f", f"fix/{token}")
    outcome = secops("scan", *words.format(f"fix/{token}").split(), cwd=repo.path)
    assert (outcome.code, token in outcome.text) == (code, False)
    assert "fix/***" in outcome.text
