"""What a push would bring back is told: a few objects by name, and how many more there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.cli.hook.push_check import _brings_back
from secopskit.git.repository import Repository
from secopskit.purge.push import guard
from support.repos import Repo


@pytest.mark.parametrize(
    ("number", "more"),
    [(1, ""), (5, ""), (6, "  and 1 more\n"), (19, "  and 14 more\n"), (20, "  and at least 15 more\n")],
)
def test_how_many_more_there_are(
    number: int,
    more: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened = Repository.open(str(Repo.create(tmp_path / "repo").path))
    assert opened is not None
    found = tuple(guard.ReturningObject(oid=f"{one:040x}", kind="blob") for one in range(30))
    monkeypatch.setattr(guard, "returning", lambda *_, most: found[: min(number, most)])
    assert _brings_back(opened, ())
    told = capsys.readouterr().err
    assert told.count("  blob ") == min(number, 5)
    assert told.partition(f"{min(number, 5) - 1:040x}\n")[2] == f"{more}{guard.ADVICE}\n"
