"""`secops scan` of a history: what is still there, and what only old commits hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import Outcome
from support.forked import secops
from support.repos import Repo
from support.values import github_token


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Two values were committed; one of them was deleted."""
    repo = Repo.create(tmp_path_factory.mktemp("presence") / "repo")
    repo.commit({name: f"token = '{github_token()}'\n" for name in ("old.py", "new.py")})
    repo.git("rm", "-q", "old.py")
    repo.commit({"other.py": "x = 1\n"})
    return repo


def scan(repo: Repo, *options: str) -> Outcome:
    return secops("scan", *options, cwd=repo.path)


def test_each_kind_can_be_asked_for_alone(repo: Repo) -> None:
    for kind, path, words in (
        ("present", "new.py", "still there, since"),
        ("gone", "old.py", "only in history, in "),
    ):
        outcome = scan(repo, "--history", "-f", "oneline", "--only", kind)
        (line,) = outcome.out.splitlines()
        assert line.startswith(f"{path}:1:10: critical: ")
        assert words in line
        assert outcome.code == 1
        assert "suppressed: not asked for (--only) (1)" in outcome.err


def test_the_console_tells_them_apart(repo: Repo) -> None:
    text = scan(repo, "--history").out
    assert text.index("  only in history\n    old.py:1:10") < text.index("  still there\n    new.py:1:10")
    assert "; 1 still there, 1 only in history" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--only", "gone"), "--only chooses from a history"),
        (("--limit", "5", "-f", "json"), "--format json tells everything"),
    ],
)
def test_a_choice_without_an_effect_is_a_mistake(repo: Repo, options: tuple[str, ...], said: str) -> None:
    outcome = scan(repo, *options)
    assert outcome.code == 2
    assert said in outcome.err


def test_thousands_of_places_fit_a_terminal_by_default(tmp_path: Path) -> None:
    lines = [f"token_{number} = '{github_token()}'" for number in range(600)]
    (tmp_path / "many.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = secops("scan", ".", cwd=tmp_path)
    assert outcome.out.count("many.py:") == 100
    assert outcome.out.count("\n") < 130
    assert "not shown  500 findings, 500 places (--limit 0 shows all" in outcome.out
    assert secops("scan", "--limit", "0", ".", cwd=tmp_path).out.count("many.py:") == 600
    secops("scan", "-o", "report.txt", "many.py", cwd=tmp_path)
    assert (tmp_path / "report.txt").read_text(encoding="utf-8").count("many.py:") == 600
