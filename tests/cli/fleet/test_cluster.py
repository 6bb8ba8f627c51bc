"""The same on a Dask cluster: what comes out is the same, and what crosses it holds no secret."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from support.cli import environment, run
from support.fleets import Fleet, Hosted, hosted, leak, repository
from support.tls import certificate
from support.values import github_token

pytest.importorskip("distributed")

_PAGES = (
    "/health",
    "/info/main/workers.html",
    "/metrics",
    "/json/counts.json",
    "/json/identity.json",
    "/info/logs/",
)


class Cluster(NamedTuple):
    """A scheduler and a worker, with certificates of their own. `log` is what they print at DEBUG."""

    port: int
    pages: int
    log: Path
    spill: Path
    options: tuple[str, ...]
    worker: subprocess.Popen[bytes]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Hosted]:
    with hosted(tmp_path) as made:
        yield made


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    (tmp_path / "home").mkdir()
    made = Fleet(tmp_path / "home")
    repository(tmp_path / "first", {"README": "x\n"})
    # The fleet's key is made by its first run.
    assert made.run("scan", "--path", str(tmp_path / "first")).code == 0
    return made


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path, fleet: Fleet, github: Hosted) -> Iterator[Cluster]:
    authority, own = certificate(tmp_path)
    tls = ("--tls-ca-file", str(authority), "--tls-cert", str(own), "--tls-key", str(own))
    port, pages = _free_port(), _free_port()
    log, spill = tmp_path / "dask.log", tmp_path / "spill"
    variables = environment(
        DASK_LOGGING__DISTRIBUTED="debug",
        SECOPS_FLEET_KEY_FILE=str(fleet.home / "fleet" / "fleet.key"),
        GITHUB_TOKEN=github.token,
        PYTHONPATH=os.pathsep.join(
            filter(None, (environment()["PYTHONPATH"], os.environ.get("PYTHONPATH", "")))
        ),
    )
    dask = (sys.executable, "-m", "dask")
    scheduler = (
        *(*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--protocol", "tls", *tls),
        *("--dashboard-address", f"127.0.0.1:{pages}"),
    )
    worker = (
        *(*dask, "worker", f"tls://127.0.0.1:{port}", *tls, "--nthreads", "2", "--host", "127.0.0.1"),
        *("--local-directory", str(spill), "--no-dashboard"),
    )
    with log.open("wb") as out:
        running = [
            subprocess.Popen(
                words, cwd=tmp_path, env=variables, stdout=out, stderr=out, start_new_session=True
            )
            for words in (scheduler, worker)
        ]
        options = ("--tls-ca", str(authority), "--tls-cert", str(own), "--tls-key", str(own))
        try:
            yield Cluster(port, pages, log, spill, options, running[1])
        finally:
            for one in running:
                with suppress(ProcessLookupError):
                    os.killpg(one.pid, signal.SIGKILL)
                one.wait(10)


def _on(cluster: Cluster) -> tuple[str, ...]:
    return ("--scheduler", f"tls://127.0.0.1:{cluster.port}", *cluster.options)


@pytest.mark.slow
def test_neither_token_nor_value_crosses_it(github: Hosted, fleet: Fleet, cluster: Cluster) -> None:
    secret = github_token()
    github.add("acme/app", leak(secret))
    github.add("acme/clean", {"README": "x\n"})
    words = ("scan", "--org", "acme", "--api-url", github.url)
    done = fleet.run(*words, *_on(cluster), GITHUB_TOKEN=github.token)
    assert done.code == 1, done.text + cluster.log.read_text()
    assert fleet.report()["states"] == {"scanned": 2}
    seen = cluster.log.read_bytes() + done.text.encode()
    for page in _PAGES:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{cluster.pages}{page}") as answer:
            seen += answer.read()
    assert b"secops-unit-" in seen  # the look is one at what there is
    key = (fleet.home / "fleet" / "fleet.key").read_bytes()
    spilled = b"".join(path.read_bytes() for path in cluster.spill.rglob("*") if path.is_file())
    for value in (github.token.encode(), secret.encode(), key, key.hex().encode()):
        assert value not in seen
        assert value not in spilled


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured")
def test_a_worker_that_is_killed_is_replaced(fleet: Fleet, cluster: Cluster, tmp_path: Path) -> None:
    for number in range(6):
        files = {f"{name}.py": os.urandom(40_000).hex() for name in range(20)}
        repository(tmp_path / "clones" / str(number), leak() | files)
    running = subprocess.Popen(
        (sys.executable, "-m", "secopskit", *_words(fleet, tmp_path), *_on(cluster)),
        cwd=fleet.home,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    time.sleep(4)
    # The nanny stays, and starts another one.
    for pid in _children(cluster.worker.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, said = running.communicate(timeout=120)
    assert running.returncode in (0, 3), said
    assert fleet.run("scan", "--path", str(tmp_path / "clones" / "*"), "--fail-on", "never").code == 0
    told = fleet.report()
    assert (told["complete"], told["total"], len(told["repositories"])) == (True, 6, 6)


def _words(fleet: Fleet, tmp_path: Path) -> tuple[str, ...]:
    place = str(tmp_path / "clones" / "*")
    return ("fleet", "scan", "--fleet", str(fleet.home / "fleet"), "--path", place, "--fail-on", "never")


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    return [int(each) for task in tasks.iterdir() for each in (task / "children").read_text().split()]


def test_one_of_this_machine(fleet: Fleet, tmp_path: Path) -> None:
    token = github_token()
    for name in ("one", "two"):
        repository(tmp_path / "clones" / name, leak(token))
    place = str(tmp_path / "clones" / "*")
    done = fleet.run("scan", "--path", place, "--dask", "-j", "2")
    assert done.code == 1, done.err
    on_dask = fleet.report()
    assert fleet.run("scan", "--path", place, "--again").code == 1
    here = fleet.report()
    assert [one["fingerprint"] for one in on_dask["secrets"]] == [
        one["fingerprint"] for one in here["secrets"]
    ]
    assert on_dask["states"] == here["states"] == {"scanned": 2}
    assert not re.search(r"Traceback|distributed\.", done.err)


_LISTENING = """
import psutil, socket, sys
from secopskit.fleet.executor.cluster import local_cluster
def ports():
    here = psutil.Process().net_connections()
    return [each.laddr.port for each in here if each.status == psutil.CONN_LISTEN]
client, close = local_cluster(2, bytes(32))
opened = ports()
with socket.create_server(("127.0.0.1", 0)) as control:
    assert ports() == [*opened, control.getsockname()[1]]
client.close()
close()
sys.exit(len(opened))
"""


def test_one_of_this_machine_listens_nowhere(tmp_path: Path) -> None:
    done = run(sys.executable, "-c", _LISTENING, cwd=tmp_path)
    assert done.code == 0, done.err


def test_a_worker_without_the_key_is_told_before_anything_is_done(
    fleet: Fleet, cluster: Cluster, tmp_path: Path
) -> None:
    other = Fleet(tmp_path / "other")
    other.home.mkdir()
    repository(tmp_path / "clones" / "one", leak())
    done = other.run("scan", "--path", str(tmp_path / "clones" / "*"), *_on(cluster)[:2], *cluster.options)
    assert done.code == 2, done.text
    assert "the key of another fleet" in done.err


def test_nobody_answers(fleet: Fleet, tmp_path: Path) -> None:
    authority, own = certificate(tmp_path)
    tls = ("--tls-ca", str(authority), "--tls-cert", str(own), "--tls-key", str(own))
    done = fleet.run(
        "scan", "--path", str(tmp_path / "first"), "--scheduler", f"tls://127.0.0.1:{_free_port()}", *tls
    )
    assert done.code == 3
    assert "no Dask scheduler answers" in done.err


def test_half_of_the_certificates_is_not_enough(fleet: Fleet, tmp_path: Path) -> None:
    authority, _ = certificate(tmp_path)
    words = ("--scheduler", "tls://127.0.0.1:1", "--tls-ca", str(authority))
    done = fleet.run("scan", "--path", str(tmp_path / "first"), *words)
    assert done.code == 2
    assert "client_cert is missing" in done.err
