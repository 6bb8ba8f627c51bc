"""Whether a run of a program counts: one that did not finish, or that has read less, is no peer.

Exit codes alone do not tell. Where git breaks off under it, gitleaks ends with 0 and "no leaks found", and
betterleaks with 1, as after findings; kingfisher ends with 200 though it could not read a pack. So what they
log and report is asked too. Of objects that are not there kingfisher says nothing at all: what a run has
read is held against what is there, and against secrets that were planted (see `canaries`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from benchmarks.process import Output

_LONGEST: Final = 800  # characters shown of what a refused program has said
UNSAID: Final = "does not say"


def _nothing(_: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a program ends that has done all: its exit codes, and what it says where it has not.

    `complaint` is looked for in its log; `unfinished` says in words what its report, parsed, owns up to.
    """

    codes: frozenset[int] = frozenset((0,))
    complaint: re.Pattern[str] | None = None
    unfinished: Callable[[Any], str] = _nothing


DONE: Final = Terms()  # of a program that ends with 0 where it has done all, and else with another code


def shortcoming(terms: Terms, code: int, output: Output) -> str:
    """Why a run does not count, in words; empty where it does."""
    if code < 0:
        return f"it was ended by signal {-code}"
    if code not in terms.codes:
        return f"it ended with exit code {code}"
    if terms.complaint and (found := terms.complaint.search(output.stderr)):
        return f"it complains: {found[0].strip()}"
    if terms.unfinished is _nothing:
        return ""
    try:
        report = json.loads(output.report)
    except ValueError:
        return "it has left no report that can be read"
    return terms.unfinished(report)


def refuse(name: str, reason: str, output: Output | None = None) -> NoReturn:
    """End the script: a run that does not count is compared with nothing."""
    said = f"\n{(output.stderr + output.stdout)[-_LONGEST:]}" if output else ""
    sys.exit(f"error: {name} does not count: {reason}; nothing is compared{said}")


def require(name: str, terms: Terms, code: int, output: Output) -> None:
    """End the script unless the run counts."""
    if reason := shortcoming(terms, code, output):
        refuse(name, reason, output)


def too_few(what: str, number: int, there: int, share: float, did: str = "read") -> str:
    """Why a run does not count that has read less than `share` of what is `there`; empty where it does."""
    return "" if number >= share * there else f"it has {did} {number:,} of {there:,} {what}"


def _secops(report: Any) -> str:
    lost = sum(one["reason"] in ("missing_object", "unreadable") for one in report["skipped"])
    limits = [*report["limits"], *([f"{lost:,} things could not be read"] if lost else [])]
    return f"its report says: {limits[0]}" if limits else ""


def _kingfisher(report: Any) -> str:
    told = report["audit"]["summary"]
    states = {name: told[f"scan_{name}"] for name in ("partial", "failed")} | {"pending": told["pending"]}
    left = [f"{number} {name}" for name, number in states.items() if number]
    return f"its report says of its inputs: {', '.join(left)}" if left else ""


def _betterleaks(report: Any) -> str:
    state = report["scan"]["state"]
    return "" if state == "complete" else f"its report says that the scan is {state}"


# What both log of errors, of a scan that was broken off, and of files and directories passed over.
_GO: Final = re.compile(
    r"^\S+ (?:ERR|FTL) .*|.*\b(?:incomplete|partial) scan\b.*|.*\bpermission denied\b.*", re.MULTILINE
)
_RUST: Final = re.compile(r"^\s*ERROR kingfisher.*", re.MULTILINE)
_ALWAYS: Final = frozenset((0, 1))  # without findings, and with some

SECOPS: Final = Terms(codes=_ALWAYS, unfinished=_secops)
KINGFISHER: Final = Terms(codes=frozenset((0, 200)), complaint=_RUST, unfinished=_kingfisher)
BETTERLEAKS: Final = Terms(codes=_ALWAYS, complaint=_GO, unfinished=_betterleaks)
# Its report is a list of findings, in which nothing stands of the run.
GITLEAKS: Final = Terms(codes=_ALWAYS, complaint=_GO, unfinished=lambda _: "")
SECOPS_QUIET: Final = Terms(codes=_ALWAYS)  # where it writes no report of the run that is timed
DETECT_SECRETS_HOOK: Final = Terms(
    codes=_ALWAYS, complaint=re.compile(r"^Traceback .*|.*\bERROR\b.*", re.MULTILINE)
)


def finding(terms: Terms) -> Terms:
    """The terms of a run that prints for people, leaves no report, and must have found something."""
    return Terms(codes=terms.codes - {0}, complaint=terms.complaint)
