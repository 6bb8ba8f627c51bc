"""The live check of `secops scan --verify`: says what goes where, then asks."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import click

from secopskit.cli.extras import missing_extra
from secopskit.cli.terminal.progress import tell
from secopskit.redaction import SEEN
from secopskit.report.text import count, visible

if TYPE_CHECKING:
    from secopskit.findings import ScanResult
    from secopskit.scan.session import ScanSession
    from secopskit.scan.verification import VerifyWish

_HOSTS_NAMED: Final = 12


def verified(result: ScanResult, session: ScanSession, wish: VerifyWish) -> ScanResult:
    """The result with what the issuers say. Raises UsageError where HTTP is not installed."""
    from secopskit.scan.verification import LiveCheck

    check = LiveCheck(session, result, wish, notice=tell)
    if check.hosts and find_spec("requests") is None:
        raise missing_extra("sync", "requests")
    click.echo(f"secops: {SEEN.hidden(_announced(check.hosts))}", err=True)
    return check.ask()


def _announced(hosts: tuple[tuple[str, int], ...]) -> str:
    """`--verify sends 3 values to those who issued them: api.github.com (2), slack.com (1)`."""
    if not hosts:
        return "--verify: nothing here can be asked about, and nothing is sent"
    named = ", ".join(f"{visible(host)} ({number})" for host, number in hosts[:_HOSTS_NAMED])
    more = len(hosts) - _HOSTS_NAMED
    rest = f" and {count(more, 'more host')}" if more > 0 else ""
    values = count(sum(number for _, number in hosts), "value")
    return f"--verify sends {values} to those who issued them: {named}{rest}"
