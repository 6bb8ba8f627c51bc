"""Several processes find what one finds, and their end is a clean one."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from secopskit.errors import ExitCode, SecopsError
from secopskit.git.packs.available import can_read_packs
from secopskit.scan.history.objects import selection
from secopskit.scan.history.reading import worker
from support.cli import COMMAND, environment
from support.history import line, scan, told, varied
from support.repos import Repo
from support.values import github_token


def test_one_process_and_two_find_the_same(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    varied(repo)
    body = os.urandom(3000).hex()
    repo.commit({f"f{n}.py": f"{n} {body}\n{line(github_token())}" for n in range(40)})
    _small_slices(monkeypatch)
    assert told(scan(repo, jobs=2)) == told(scan(repo, jobs=1))
    assert told(scan(repo, jobs=2, engine="re")) == told(scan(repo, jobs=1))


def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make slices so small that several processes get some."""
    monkeypatch.setattr(selection, "_MOST_OBJECTS", 7)
    if can_read_packs():
        from secopskit.git.packs import portions

        monkeypatch.setattr(portions, "_WEIGHT", 2000)
        monkeypatch.setattr(portions, "_LITTLE", 2000)
        monkeypatch.setattr(portions, "_LOOSE_FILES", 7)


def test_a_killed_worker_is_a_clean_error(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({f"f{n}": f"{n}" for n in range(30)})
    _small_slices(monkeypatch)
    parent = os.getpid()

    def dies(self: worker.Worker, work: object) -> None:
        assert os.getpid() != parent
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(worker.Worker, "scan", dies)
    monkeypatch.setattr(worker.Worker, "scan_portions", dies)
    with pytest.raises(SecopsError) as failure:
        scan(repo, jobs=2)
    assert failure.value.exit_code == ExitCode.OPERATION
    assert "worker" in str(failure.value)


@pytest.mark.skipif(os.name == "nt", reason="no process groups")
def test_ctrl_c_is_quiet(repo: Repo) -> None:
    body = os.urandom(60_000).hex()
    repo.commit({f"f{n}": f"{n}{body[n:]}" for n in range(400)})
    process = subprocess.Popen(
        [*COMMAND, "scan", "--history", "--no-cache", "-j2", "--engine=re"],
        cwd=repo.path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert b"Traceback" not in out + err
    assert process.returncode in (ExitCode.INTERRUPTED, ExitCode.OK)
