"""Migrations: secops, dbmate and sqitch on the same files, near and far from the server.

python -m benchmarks.migrate [TASK ...]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.delay import distant
from benchmarks.machine import describe, load
from benchmarks.measure import Entrant, Plan, Reading, Series, compare, ratio
from benchmarks.migrators import FIRST, HOME, Migrator, migrators
from benchmarks.peers import tool_environment
from benchmarks.record import Target

if TYPE_CHECKING:
    from benchmarks.process import Output

from secopskit.migrate.shadow.binaries import find
from secopskit.migrate.shadow.server import ShadowServer, start

_ROUND_TRIP_MS: Final = 30
_LOCK_TIMEOUT_S: Final = 0.2
_BLOCKED_S: Final = 4.0
# A server as in production: nothing is taken for written that a crash could lose.
_DURABLE: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where the programs work: a server, and directories of their own."""

    server: ShadowServer
    directory: Path
    programs: Sequence[Migrator]
    plan: Plan

    def url(self, name: str, port: int | None = None) -> str:
        """The database of a program; the password is in the .pgpass of the programs' home."""
        return f"postgres://{self.server.user}@127.0.0.1:{port or self.server.port}/{name}"

    def reset(self, name: str) -> None:
        """An empty database of that name."""
        with self.server.connect(autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())

    def tables(self, name: str) -> int:
        """How many of the migrations' tables a database has."""
        with self.server.connect(name) as connection:
            row = connection.execute("SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'").fetchone()
        return row[0] if row else 0

    def project(self, program: Migrator, texts: Sequence[str]) -> Path:
        """A directory with the migrations as `program` wants them."""
        place = self.directory / program.name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        program.write(place, texts)
        return place

    def run(self, command: Sequence[str], place: Path, url: str) -> None:
        """Run a program untimed. Exits with a message if it fails."""
        words = [word.replace("{url}", url) for word in command]
        done = subprocess.run(
            words, cwd=place, env=tool_environment(HOME), capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"error: {words}: {done.stderr}")


def apply(bench: Bench, programs: Sequence[Migrator], count: int, *, port: int | None = None) -> list[Series]:
    """Apply `count` small migrations to an empty database."""
    texts = [f"CREATE TABLE t{n} (id bigint PRIMARY KEY, name text NOT NULL);" for n in range(1, count + 1)]
    places = [bench.project(program, texts) for program in programs]
    entrants = [
        _entrant(bench, program, place, count, prepare=partial(_empty, bench, program, place), port=port)
        for program, place in zip(programs, places, strict=True)
    ]
    return compare(entrants, bench.plan)


def again(bench: Bench, programs: Sequence[Migrator], count: int) -> list[Series]:
    """Find that there is nothing to do, after `apply`."""
    places = [bench.directory / one.name for one in programs]
    entrants = [
        _entrant(bench, program, place, count) for program, place in zip(programs, places, strict=True)
    ]
    return compare(entrants, bench.plan)


def rehearse(bench: Bench, secops: Migrator) -> list[Series]:
    """A dry run of five files on a shadow database that is made for it."""
    texts = [f"CREATE TABLE t{n} (id bigint PRIMARY KEY, name text NOT NULL);" for n in range(1, 6)]
    place = bench.project(secops, texts)
    _empty(bench, secops, place)
    up = secops.command.index("up")
    command = (*secops.command[:up], "dry-run", "--dir", "migrations")
    entrant = Entrant(
        name="secops dry-run",
        command=tuple(word.replace("{url}", bench.url(secops.name)) for word in command),
        directory=place,
        read=lambda _: Reading(findings=bench.tables(secops.name)),
        lacks=partial(unrehearsed, [str(FIRST + number) for number in range(len(texts))]),
    )
    return compare([entrant], bench.plan)


def stall(bench: Bench, secops: Migrator) -> float:
    """The longest time, in seconds, that a reader of a table waited while secops wanted to alter it."""
    limit = f"-- secops: lock-timeout={_LOCK_TIMEOUT_S * 1000:.0f}ms"
    place = bench.project(secops, ["CREATE TABLE t1 (i int);", f"{limit}\nALTER TABLE t1 ADD COLUMN j int;"])
    _empty(bench, secops, place)
    url = bench.url(secops.name)
    bench.run((*secops.command, "--to", str(FIRST)), place, url)
    longest, over = 0.0, threading.Event()

    def read() -> None:
        nonlocal longest
        with bench.server.connect(secops.name, autocommit=True) as reader:
            while not over.is_set():
                started = time.monotonic()
                reader.execute("SELECT FROM t1")
                longest = max(longest, time.monotonic() - started)
                time.sleep(0.005)

    thread = threading.Thread(target=read)
    with bench.server.connect(secops.name) as blocker:
        blocker.execute("SELECT FROM t1")
        threading.Timer(_BLOCKED_S, blocker.commit).start()
        thread.start()
        bench.run(secops.command, place, url)
        over.set()
        thread.join()
    return longest


def _empty(bench: Bench, program: Migrator, place: Path) -> None:
    bench.reset(program.name)
    if program.init:
        bench.run(program.init, place, bench.url(program.name))


def _entrant(
    bench: Bench,
    program: Migrator,
    place: Path,
    count: int,
    *,
    prepare: Callable[[], None] = lambda: None,
    port: int | None = None,
) -> Entrant:
    url = bench.url(program.name, port)
    return Entrant(
        name=program.name,
        command=tuple(word.replace("{url}", url) for word in program.command),
        directory=place,
        read=lambda _: Reading(findings=bench.tables(program.name)),
        lacks=partial(unapplied, count),
        prepare=prepare,
    )


def unapplied(count: int, _: Output, reading: Reading) -> str:
    """What a run has left undone after which there are not `count` tables; empty where there are."""
    return "" if reading.findings == count else f"{reading.findings} of {count} migrations are applied"


def unrehearsed(versions: Sequence[str], output: Output, reading: Reading) -> str:
    """What a dry run has left undone, or has done though it must not."""
    if reading.findings:
        return f"{reading.findings} migrations are applied after a dry run"
    left = [version for version in versions if version not in output.stdout]
    return f"it says nothing of {', '.join(left)}" if left else ""


@contextmanager
def _bench(chosen: argparse.Namespace) -> Iterator[Bench]:
    server = start(find(), tcp=True, settings=_DURABLE)
    HOME.mkdir(parents=True, exist_ok=True)
    passwords = HOME / ".pgpass"
    passwords.touch(mode=0o600)
    passwords.write_text(
        f"127.0.0.1:*:*:{server.user}:{server.password.reveal().decode()}\n", encoding="ascii"
    )
    plan = Plan(warmups=chosen.warmups, rounds=max(1, chosen.rounds), sampled=0, timeout=chosen.timeout)
    try:
        with tempfile.TemporaryDirectory(prefix="secops-bench-") as place:
            yield Bench(server=server, directory=Path(place), programs=migrators(chosen.without), plan=plan)
    finally:
        passwords.unlink()
        server.stop()


def _show(title: str, series: Sequence[Series], targets: Sequence[Target]) -> None:
    print(f"\n### {title}\n")
    if series:
        print("| program | wall s (min-max) | secops / it | CPU s | tables |\n|---|---|---|---|---|")
    for one in series:
        walls = [run.wall for run in one.timed]
        wall, cpu = one.median(lambda run: run.wall), one.median(lambda run: run.cpu)
        spread = f"{wall:.3f} ({min(walls):.3f}-{max(walls):.3f})"
        cells = (one.entrant.name, spread, f"{ratio(series[0], one):.3f}", f"{cpu:.2f}", one.reading.findings)
        print(f"| {' | '.join(map(str, cells))} |")
    print()
    for target in targets:
        print(f"- {target.line()}")


def _ratios(series: Sequence[Series], limits: dict[str, float]) -> list[Target]:
    return [
        Target(text=f"wall, secops / {one.entrant.name}", value=ratio(series[0], one), limit=limit)
        for one in series
        if (limit := limits.get(one.entrant.name))
    ]


def _measure(bench: Bench, chosen: argparse.Namespace) -> None:
    secops, tasks = bench.programs[0], chosen.task or TASKS
    quick = [one for one in bench.programs if one.name != "sqitch"]
    if "far" in tasks:
        with distant(bench.server.host, bench.server.port, round_trip_ms=_ROUND_TRIP_MS) as port:
            series = apply(bench, quick, 100, port=port)
        title = f"100 migrations at {_ROUND_TRIP_MS} ms round trip"
        _show(title, series, _ratios(series, {"dbmate": 0.25}))
    if "near" in tasks or "again" in tasks:
        series = apply(bench, bench.programs, chosen.count)
        _show(f"{chosen.count} migrations, local", series, _ratios(series, {"dbmate": 1.1, "sqitch": 0.1}))
    if "again" in tasks:
        series = again(bench, bench.programs, chosen.count)
        target = Target(text="s, secops", value=series[0].median(lambda run: run.wall), limit=0.35)
        _show(f"Nothing to do, {chosen.count} applied", series, [target])
    if "dry-run" in tasks:
        series = rehearse(bench, secops)
        target = Target(text="s, secops", value=series[0].median(lambda run: run.wall), limit=3.0)
        _show("Dry run of 5 files on a shadow database, cold", series, [target])
    if "stall" in tasks:
        title = f"A reader behind an ALTER TABLE that waits for a {_BLOCKED_S:.0f} s transaction"
        target = Target(text="s, longest stall", value=stall(bench, secops), limit=1.5 * _LOCK_TIMEOUT_S)
        _show(title, [], [target])


TASKS: Final = ("far", "near", "again", "dry-run", "stall")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time migrations on a PostgreSQL of our own.")
    parser.add_argument("task", nargs="*", choices=[[], *TASKS], help=f"of {', '.join(TASKS)} [default: all]")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds [default: %(default)s]")
    parser.add_argument("--warmups", type=int, default=1, help="rounds before them [default: %(default)s]")
    parser.add_argument(
        "--timeout", type=float, default=600, help="seconds for one run [default: %(default)s]"
    )
    parser.add_argument("--count", type=int, default=1000, help="local migrations [default: %(default)s]")
    parser.add_argument("--without", action="append", default=[], metavar="PROGRAM", help="leave one out")
    chosen = parser.parse_args()
    with _bench(chosen) as bench:
        versions = {one.name: one.version for one in bench.programs}
        for line in (
            *describe(versions | {"PostgreSQL": str(bench.server.version)}),
            f"Load average before: {load()}",
        ):
            print(f"- {line}")
        _measure(bench, chosen)
        print(f"\n- Load average after: {load()}")


if __name__ == "__main__":
    main()
