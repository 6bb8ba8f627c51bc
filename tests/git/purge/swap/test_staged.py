"""A value that is staged and not committed: taken out of the index with the work kept, and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.purge.swap import apply
from support import purges
from support.leak import Leak, Terminal
from support.purges import assert_whole


@pytest.fixture
def leak(tmp_path: Path) -> Leak:
    made = Leak(tmp_path)
    made.repo.stage({"new.py": f"T = {made.token!r}\n", "README": f"read me\n{made.token}\n"})
    made.repo.stage({"other.txt": "mine\n"})
    return made


def _staged(leak: Leak) -> str:
    return leak.repo.git("diff", "--cached", "--raw", "--no-renames")


def test_it_is_offered_where_it_stops_a_purge(leak: Leak) -> None:
    before = _staged(leak)
    refused = leak.apply("--no-backup")
    assert refused.code == 5
    assert "--unstage" in refused.err
    assert _staged(leak) == before
    plan = leak.purge("--secret-file", str(leak.values), "--unstage")
    assert "README, new.py; the files stay as they are" in " ".join(plan.out.split()), plan.text
    assert _staged(leak) == before


def test_the_work_is_kept_and_a_rollback_stages_it_again(leak: Leak) -> None:
    before = _staged(leak)
    done = leak.apply("--unstage")
    assert done.code == 1, done.text  # the files on the disk still have it, and are named
    assert "new.py" in done.out
    assert leak.repo.git("diff", "--cached", "--name-only") == "other.txt\n"
    assert leak.token in (leak.repo.path / "new.py").read_text()
    assert leak.token in (leak.repo.path / "README").read_text()
    assert_whole(leak.repo)
    assert leak.purge("--rollback", "--yes").code == 0
    assert _staged(leak) == before


def test_a_person_is_asked(leak: Leak) -> None:
    words = ("purge-history", "--secret-file", str(leak.values), "--rotated", "--apply", "--no-backup")
    terminal = Terminal(*words, cwd=leak.repo.path)
    terminal.answer("Take it out of the index?", "y")
    terminal.answer("To go on, type app", "app")
    assert terminal.close() == 1, terminal.text
    assert leak.repo.git("diff", "--cached", "--name-only") == "other.txt\n"


@pytest.mark.parametrize("error", [SecopsError("no"), KeyboardInterrupt()], ids=["failed", "interrupted"])
def test_what_fails_leaves_the_index_as_it_was(
    leak: Leak, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _staged(leak)

    def fail(*_: object) -> None:
        assert _staged(leak) != before
        raise error

    monkeypatch.setattr(apply, "prepare", fail)
    with pytest.raises(type(error)):
        purges.purge(leak.repo, leak.token, unstage=True)
    assert _staged(leak) == before


def test_a_purge_that_is_killed_is_undone_by_abort(leak: Leak, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _staged(leak)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(apply, "prepare", killed)
        patch.setattr(apply, "_undone", lambda *_: False)
        with pytest.raises(KeyboardInterrupt):
            purges.purge(leak.repo, leak.token, unstage=True)
    assert _staged(leak) != before
    assert leak.purge("--abort").code == 0
    assert _staged(leak) == before


def test_work_that_only_the_index_has_is_not_lost(leak: Leak) -> None:
    leak.repo.write("new.py", "T = 1\n")
    before = _staged(leak)
    refused = leak.apply("--unstage", "--no-backup")
    assert (refused.code, _staged(leak)) == (5, before)
    assert "the file differs from it" in refused.err
