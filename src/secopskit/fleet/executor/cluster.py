"""Workers of a Dask cluster: one that somebody runs, or one of this machine, made for the run.

What crosses the cluster may be seen by whoever runs it: units, and results without values. Tokens and the
fleet's key do not cross it; see `secopskit.fleet.executor.remote`. https://distributed.dask.org
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from secopskit import __version__
from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.fleet.executor.interface import Deliver
from secopskit.fleet.executor.remote import dismiss, do_unit, introduction, lend_key
from secopskit.fleet.key import KEY_FILE, KEY_VARIABLE
from secopskit.fleet.model import Outcome, OutcomeKind, WorkUnit, pack_unit, unpack_outcome
from secopskit.web.wire import is_loopback

if TYPE_CHECKING:
    from distributed import Client, Future

_PATIENCE: Final = 30  # seconds, for workers
_ANSWER: Final = 10  # seconds, for a scheduler
_FRESH: Final = 5.0  # seconds for which the number of threads is believed
_ALONE: Final = 60.0  # seconds without any worker: they come and go, but somebody would have come
# No pages; nobody looks at profiles of workers that only wait for cells, which cost a tenth of a core; there
# is nothing to steal or to move where no unit waits and no result stays; and a loop that lags harms nobody.
_PLAIN: Final[dict[str, Any]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.tick.interval": "1s",
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
}
_GONE: Final = "the Dask scheduler is gone"
_GO_ON: Final = "Run the same command again: it goes on where it was."
_NOT_OURS: Final = "a worker cannot run secops: it is not there, or another Python or Dask is"
_INSTALL: Final = "Install secopskit[fleet] on all workers, the same as here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Files for mutual TLS; empty: those that Dask's own configuration names."""

    authority: str = ""
    certificate: str = ""
    key: str = ""


class ClusterExecutor:
    """A Dask cluster. See `secopskit.fleet.executor.interface.Executor`.

    `close` is called at the end, for a cluster that was made for the run.
    """

    def __init__(
        self,
        client: Client,
        deliver: Deliver,
        *,
        mark: str,
        shelf_bound: int,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._client, self._deliver, self._close = client, deliver, close
        self._shelf_bound = shelf_bound
        self._futures: dict[int, Future] = {}
        self._tries = 0
        self._slots, self._asked = 0, 0.0
        self._accompanied = 0.0  # when there was a worker
        self._closed = False
        self._require_workers(mark)

    @property
    def slots(self) -> int:
        """See `Executor.slots`. One a thread: behind a large unit, others would wait for nothing."""
        if self._client.status != "running":
            raise SecopsError(_GONE, advice=_GO_ON)
        if time.monotonic() - self._asked > _FRESH:
            self._slots = max(1, self._threads())
            self._asked = time.monotonic()
        return self._slots

    def _threads(self) -> int:
        """How many threads the workers have. Raises SecopsError where there has been none for too long."""
        threads = int(sum(self._client.nthreads().values()))
        if threads:
            self._accompanied = time.monotonic()
        elif time.monotonic() - self._accompanied > _ALONE:
            raise SecopsError(
                f"the cluster has had no workers for {_ALONE:.0f} s", advice=f"Start some. {_GO_ON}"
            )
        return threads

    def submit(self, unit: WorkUnit) -> None:
        """See `Executor.submit`."""
        self._tries += 1
        future = self._client.submit(
            do_unit,
            pack_unit(unit),
            __version__,
            self._shelf_bound,
            key=f"secops-unit-{unit.number}-{os.getpid()}-{self._tries}",
            pure=False,
        )
        self._futures[unit.number] = future
        future.add_done_callback(lambda done: self._ended(unit.number, done))

    def close(self) -> None:
        """See `Executor.close`."""
        self._closed = True
        try:
            if self._client.status == "running":
                self._client.cancel(list(self._futures.values()), force=True)
        finally:
            self._client.close(timeout=_PATIENCE)
            self._close()

    def _ended(self, number: int, future: Future) -> None:
        """Hand on what became of a unit; called in a thread of Dask's."""
        self._futures.pop(number, None)
        if self._closed or future.status in ("cancelled", "lost"):
            return  # the scheduler is gone: the unit is still to be done
        self._deliver(_outcome(number, future))

    def _require_workers(self, mark: str) -> None:
        """Make sure that there is somebody to work, with the fleet's key. Raises SecopsError."""
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise SecopsError("the cluster has no workers", advice="Start some, and try again.") from None
        self._accompanied = time.monotonic()
        told = self._client.run(introduction, __version__, on_error="return")
        for said in told.values():
            if not isinstance(said, str):
                raise ConfigError(_NOT_OURS, advice=_INSTALL)
            if said.startswith("! "):
                raise ConfigError(f"a worker cannot work: {said[2:]}")
            if said != mark:
                raise ConfigError(
                    "a worker has the key of another fleet",
                    advice=f"{KEY_VARIABLE} names a copy of {KEY_FILE} in this fleet's directory.",
                )


def _outcome(number: int, future: Future) -> Outcome:
    try:
        return unpack_outcome(future.result())
    except (ImportError, RuntimeError):  # what Dask makes of work that a worker cannot load
        return Outcome(number, OutcomeKind.KILLED, _NOT_OURS, _INSTALL)
    except Exception:  # noqa: BLE001 - Dask raises what killed the worker, of whatever type
        return Outcome(number, OutcomeKind.KILLED, "the worker was killed, or crashed")


def existing_cluster(address: str, certificates: Certificates) -> Client:
    """A client of the scheduler at `address`. Raises RefusedError, ConfigError, SecopsError."""
    scheme, host = require_safe(address)
    security = _security(certificates) if scheme == "tls" else None
    from distributed import Client

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # we say it when the scheduler goes
    try:
        return Client(address, security=security, timeout=_ANSWER, set_as_default=False)
    except (OSError, TimeoutError):
        raise SecopsError(
            f"no Dask scheduler answers at {host}", advice="Is it running, and are the certificates its own?"
        ) from None


def local_cluster(workers: int, key: bytes) -> tuple[Client, Callable[[], None]]:
    """A cluster of this process, for the fleet with `key`, and what ends it.

    Its workers are threads, for the work is done by cells; it opens no port, and has no dashboard.
    """
    import dask
    from distributed import Client, LocalCluster

    lend_key(key)
    with dask.config.set(_PLAIN):
        cluster: Any = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=False,
            protocol="inproc",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,
            silence_logs=50,
        )
    # Dask serves HTTP whether or not there is a dashboard.
    for node in (cluster.scheduler, *cluster.workers.values()):
        node.http_server.stop()

    def close() -> None:
        dismiss()
        cluster.close()

    return Client(cluster, set_as_default=False), close


def require_safe(address: str) -> tuple[str, str]:
    """Scheme and host of a scheduler's address. Raises RefusedError where it could be overheard."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port is None or parts.scheme not in ("tls", "tcp"):
        raise ConfigError(
            f"{address}: is no address of a Dask scheduler, with its port", advice="As in tls://host:8786."
        )
    if parts.scheme != "tls" and not is_loopback(host):
        raise RefusedError(
            f"{address}: whoever hears it could run programs on the workers",
            advice="Use TLS with certificates on both sides: tls://… (docs/FLEET.md).",
        )
    return parts.scheme, parts.netloc


def _security(certificates: Certificates) -> Any:
    from distributed.security import Security

    named = {
        "tls_ca_file": certificates.authority,
        "tls_client_cert": certificates.certificate,
        "tls_client_key": certificates.key,
    }
    security = Security(require_encryption=True, **{name: path for name, path in named.items() if path})
    for name in named:
        if not getattr(security, name):
            raise ConfigError(
                f"mutual TLS needs three files, and {name.removeprefix('tls_')} is missing",
                advice="--tls-ca, --tls-cert and --tls-key, or Dask's settings below distributed.comm.tls.",
            )
    return security
