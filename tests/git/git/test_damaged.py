"""A repository that git takes for none: its history is not passed over as if there were none."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import ExitCode
from secopskit.git.discovery import damaged_repository
from support.forked import secops
from support.history import line
from support.repos import Repo
from support.values import github_token


@pytest.mark.parametrize("head", [b"garbage\n", b"", None])
def test_a_damaged_head_makes_no_green_word(tmp_path: Path, head: bytes | None) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"sub/gone.py": line(github_token())})
    repo.commit({"sub/gone.py": "x = 1\n"})
    (repo.path / ".git" / "HEAD").unlink()
    if head is not None:
        (repo.path / ".git" / "HEAD").write_bytes(head)
    for command in (("status",), ("status", "--check"), ("scan", "--history")):
        done = secops(*command, cwd=repo.path)
        assert done.code == ExitCode.OPERATION, done.text
        assert "takes it for no repository" in done.err
    done = secops("scan", "--format", "plain", cwd=repo.path / "sub")
    assert done.code == ExitCode.OK
    assert "takes it for no repository" in done.out
    assert not done.out.startswith("ok")


def test_where_there_is_none_nothing_is_damaged(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert damaged_repository(str(tmp_path)) == ""
