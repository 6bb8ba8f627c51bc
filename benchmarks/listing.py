"""A host that lists many repositories: the memory of the coordinator, and how soon work begins (Linux only).

Three of them can be cloned, all others are refused: each is an entry of the run all the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.fleets import complaints, require_scan, scanning
from benchmarks.record import Target
from benchmarks.repositories import place_for_copies

from support.fleets import Hosted, hosted, leak

if TYPE_CHECKING:
    from benchmarks.peers import Programs

_THERE: Final = 3
_WORKERS: Final = 2
_LOOK: Final = 0.01
_PAGE: Final = 100
_LIST: Final = "/orgs/acme/repos$|/organizations/"


@dataclass(slots=True)
class Sighting:
    """What is seen of the coordinator. Moments are seconds of the monotonic clock, 0 for not yet."""

    peak: float = 0.0  # MiB
    first_git: float = 0.0
    begun: int = 0
    ended: bool = False


def listing(programs: Programs, chosen: argparse.Namespace) -> None:
    """List, watch, and print the targets."""
    with place_for_copies() as place, hosted(place) as github:
        for number in range(chosen.listed):
            # Where all are as large as each other, they are worked at as they were listed.
            github.api.world.repository(f"acme/repository-{number:05}", default_branch="main", size=100)
        for number in range(_THERE):
            github.add(f"acme/repository-{number:05}", leak())
        seen, seconds = _watched(programs, github, place, chosen)
        _show(github, seen, seconds, chosen)


def _watched(
    programs: Programs, github: Hosted, place: Path, chosen: argparse.Namespace
) -> tuple[Sighting, float]:
    seen = Sighting()
    started = time.monotonic()
    words = ("fleet", "scan", "--org", "acme", "--api-url", github.url, "-j", str(_WORKERS))
    own = ("--fleet", str(place / "fleet"), "--clones", str(place / "clones"))
    command = (*programs.secops, *words, *own)
    with scanning(command, place, GITHUB_TOKEN=github.token) as running:
        while not seen.ended and not _enough(github, seen, chosen):
            seen.ended = running.poll() is not None
            seen.peak = max(seen.peak, _peak(running.pid))
            if github.host.requests and not seen.first_git:
                seen.first_git = time.monotonic()
            if time.monotonic() - started > chosen.timeout:
                sys.exit(f"error: the run took more than {chosen.timeout:.0f} s")
            time.sleep(_LOOK)
        if seen.ended:
            require_scan(running.returncode)
    seen.begun = _begun(github)
    return seen, time.monotonic() - started


def _enough(github: Hosted, seen: Sighting, chosen: argparse.Namespace) -> bool:
    """Whether all are listed, and as many were begun as are to be done, with those at work besides."""
    if not chosen.done or not seen.first_git:
        return False
    pages: int = -(-chosen.listed // _PAGE)
    begun: int = chosen.done + _WORKERS  # each worker has begun one that is not done
    return len(github.api.requests("GET", _LIST)) >= pages and _begun(github) >= begun


def _begun(github: Hosted) -> int:
    """How many repositories git has asked for."""
    return len({visit.path.partition(".git/")[0] for visit in github.host.requests})


def _peak(pid: int) -> float:
    """The most memory that a process has had so far, in MiB; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _show(github: Hosted, seen: Sighting, seconds: float, chosen: argparse.Namespace) -> None:
    pages = github.api.requests("GET", _LIST)
    if not pages or not seen.first_git:
        sys.exit(f"error: nothing was listed, or nothing asked for: {complaints()}")
    first = pages[0].started + pages[0].seconds
    last = pages[-1].started + pages[-1].seconds
    how = "to the end, with the report" if seen.ended else "then ended, without the report"
    print(f"\nListing: {chosen.listed:,} repositories, {len(pages)} pages\n")
    print(f"  {seen.begun:,} repositories begun in {seconds:.1f} s, {how}")
    print(f"  the last page came {last - first:.1f} s after the first")
    for target in (
        Target(text="memory of the coordinator, MiB", value=seen.peak, limit=300),
        Target(text="from the first page to git's first request, s", value=seen.first_git - first, limit=5),
        Target(text="breaches of the contract", value=len(github.api.violations), limit=0),
    ):
        print(f"  {target.line()}")
