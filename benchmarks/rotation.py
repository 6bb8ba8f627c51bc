"""Logins without a pause while a password of PostgreSQL is rotated: how many fail, and for how long.

PYTHONPATH=src:tests python -m benchmarks.rotation [--logins 500] [--delay 0.1] [--markdown]

Readers take the value that is published at that moment; publication comes `--delay` seconds after the
new value works, as it does where a deployment stands between. Two roles must lose nothing; with one
role, what is lost is the measurement.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from benchmarks.machine import describe, load

from secopskit.migrate.shadow.binaries import find
from secopskit.migrate.shadow.server import start
from secopskit.provider.interface import Provider
from support.postgres import versions
from support.shops import Shop, Storm, shop

_MODES = ("two-roles", "one-role")
_CALM = 0.25  # of the logins come before anything changes
_SETTLED = 25  # logins after publication, until whoever had read the old value has logged in


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationLosses:
    """What a rotation cost. `gap` is the time from the first to the last failed login, in seconds."""

    server: int
    mode: str
    failed: int
    total: int
    gap: float
    taken: float

    def row(self) -> tuple[str, ...]:
        """The figures as cells."""
        gap = f"{self.gap * 1000:.0f}"
        return (str(self.server), self.mode, str(self.failed), str(self.total), gap, f"{self.taken:.2f}")


def main() -> None:
    chosen = _options()
    found = versions()
    if not found:
        sys.exit("error: no PostgreSQL on this machine")
    head = [*describe({"PostgreSQL": ", ".join(map(str, found))}), f"Load average before: {load()}"]
    results = [
        one for version in found for one in _on_server(version, logins=chosen.logins, delay=chosen.delay)
    ]
    head += [f"Load average after: {load()}", f"Publication {chosen.delay} s after the new value works"]
    _show(head, results, markdown=chosen.markdown)
    lost = sum(one.failed for one in results if one.mode == "two-roles")
    few = any(one.total < chosen.logins for one in results)
    print(f"failed logins with two roles: {lost}, at most 0: {'MISSED' if lost or few else 'met'}")
    sys.exit(1 if lost or few else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logins", type=int, default=500, help="at least so many (default: 500)")
    parser.add_argument("--delay", type=float, default=0.1, help="of the publication, in seconds")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def _on_server(version: int, *, logins: int, delay: float) -> list[RotationLosses]:
    server = start(find(prefer=version), tcp=True, settings={"max_connections": "120"})
    try:
        losses = []
        for mode in _MODES:
            with shop(server) as made:
                losses.append(_measure(made, mode, logins=logins, delay=delay))
        return losses
    finally:
        server.stop()


def _measure(made: Shop, mode: str, *, logins: int, delay: float) -> RotationLosses:
    rotation: Provider = made.provider() if mode == "two-roles" else made.alone()
    published = [made.value]
    with Storm(lambda: published[0]) as storm:
        storm.wait_for(int(logins * _CALM))
        started = time.monotonic()
        new = rotation.create(rotation.prepare())
        rotation.verify(new)
        time.sleep(delay)
        published[0] = new.value.reveal().decode()
        storm.wait_for(storm.total + _SETTLED)
        rotation.revoke(new)
        taken = time.monotonic() - started
        storm.wait_for(max(logins, storm.total + int(logins * _CALM)))
    gap = max(storm.failures) - min(storm.failures) if storm.failures else 0.0
    return RotationLosses(
        server=made.database.server.version,
        mode=mode,
        failed=len(storm.failures),
        total=storm.total,
        gap=gap,
        taken=taken,
    )


def _show(head: list[str], results: list[RotationLosses], *, markdown: bool) -> None:
    names = ("PostgreSQL", "mode", "failed", "logins", "gap ms", "rotation s")
    rows = [names, *(one.row() for one in results)]
    if markdown:
        rows.insert(1, tuple("---" for _ in names))
        print("\n".join([*head, "", *("| " + " | ".join(row) + " |" for row in rows)]))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    print("\n".join([*head, "", *lines]))


if __name__ == "__main__":
    main()
