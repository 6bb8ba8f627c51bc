"""Progress as work tells it: who hears that it goes on, and who does not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from secopskit.git import bounded, uninterrupted, workers
from secopskit.git.bounded import GitChild, PatientPipe
from secopskit.git.workers import WorkerPool
from secopskit.progress import NO_PROGRESS, ProgressStage, heard_by, still_at_work
from support.cli import SOURCE, environment

_FAST = 0.02
_SLOW = 0.3


class Sleeper:
    """Works for a moment at each task."""

    def work(self, seconds: float) -> float:
        threading.Event().wait(seconds)
        return seconds

    def close(self) -> None:
        """Nothing was started."""


def sleep(sleeper: Sleeper, seconds: float) -> float:
    return sleeper.work(seconds)


def child(seconds: float) -> GitChild:
    """A process that says something after so many seconds."""
    script = f"import time; time.sleep({seconds}); print('done')"
    pipe = subprocess.PIPE
    words = (sys.executable, "-S", "-c", script)
    return GitChild(words, cwd=os.sep, env=environment(), name="test", stdin=pipe, stdout=pipe, stderr=pipe)


def test_nobody_hears_and_the_rest_is_told() -> None:
    assert still_at_work() == 0
    assert still_at_work(5) == 5
    NO_PROGRESS.stage(ProgressStage.PACKING)
    NO_PROGRESS.expect(3)
    NO_PROGRESS.advance(1)


def test_who_listens_hears_how_much() -> None:
    told: list[int] = []
    with heard_by(told.append):
        assert still_at_work(5) == 0
        still_at_work()
    assert told == [5, 0]
    assert still_at_work(1) == 1


def test_nobody_listens_after_an_error() -> None:
    told: list[int] = []
    with pytest.raises(KeyboardInterrupt), heard_by(told.append):
        raise KeyboardInterrupt
    still_at_work()
    assert told == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_fork_is_not_heard() -> None:
    with heard_by(lambda _: None):
        pid = os.fork()
        if not pid:
            os._exit(still_at_work(7))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_a_wait_for_workers_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "BEAT", _FAST)
    told: list[int] = []
    pool = WorkerPool(Sleeper, lambda: Sleeper, jobs=2)
    with heard_by(told.append):
        assert sorted(pool.map(sleep, [_SLOW, _SLOW + 0.01, 0.0])) == [0.0, _SLOW, _SLOW + 0.01]
    pool.close()
    assert len(told) > 3


def test_a_wait_for_git_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "BEAT", _FAST)
    told: list[int] = []
    with heard_by(told.append), child(_SLOW) as process:
        assert process.wait() == 0
        assert len(told) > 3
    told.clear()
    with heard_by(told.append), child(_SLOW) as process:
        assert process.all_output(b"")[0].strip() == b"done"
        assert len(told) > 3
    told.clear()
    with heard_by(told.append), child(_SLOW) as process:
        assert process.stdout
        assert PatientPipe(process, process.stdout).read(4) == b"done"
        assert len(told) > 3


def test_a_wait_for_a_swap_is_heard_and_an_interrupt_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from secopskit import progress

    monkeypatch.setattr(progress, "BEAT", _FAST)
    told: list[int] = []
    step = uninterrupted.command((sys.executable, "-S", "-c", "import time; time.sleep(0.3)"), {}, cwd=os.sep)
    with heard_by(told.append):
        assert uninterrupted.run_to_end([[step]], hold=0) == [""]
    assert len(told) > 3
    told.clear()

    def interrupted(done: int) -> None:
        told.append(done)
        if len(told) == 2:
            raise KeyboardInterrupt

    with heard_by(interrupted), pytest.raises(KeyboardInterrupt):
        uninterrupted.run_to_end([[step]], hold=0)
    assert len(told) > 3  # it was waited for


def test_words_of_stages_are_plain() -> None:
    words = [stage.words for stage in ProgressStage]
    assert len(set(words)) == len(words)
    assert all(word.replace(" ", "").isalpha() and word.islower() for word in words)


def test_no_drawing_is_imported_with_it() -> None:
    script = (
        "import sys, secopskit.cli.terminal.progress; print([m for m in sys.modules if m.startswith('rich')])"
    )
    words = [sys.executable, "-c", script]
    told = subprocess.run(
        words, env=environment(PYTHONPATH=str(SOURCE)), capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
