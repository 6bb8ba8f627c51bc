"""A run that did not finish, or has read less than the others, is compared with nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks import measure, readings
from benchmarks.canaries import all_found, in_files
from benchmarks.completeness import (
    BETTERLEAKS,
    DETECT_SECRETS_HOOK,
    DONE,
    GITLEAKS,
    KINGFISHER,
    SECOPS,
    Terms,
    finding,
    shortcoming,
    too_few,
)
from benchmarks.hook import FOUND, leak_named, leak_unnamed, passed
from benchmarks.measure import REPORT, Entrant, Plan, Reading, compare
from benchmarks.process import Output

ONCE = Plan(warmups=0, rounds=1, sampled=0, timeout=60)
SCANNED = '{"scan": {"state": "complete"}, "findings": [%s]}'


@pytest.fixture
def enter(tmp_path: Path) -> Callable[..., list[measure.Series]]:
    """Lets a program of a few lines take part; REPORT in its arguments is the report that it writes."""

    def run(text: str, plan: Plan = ONCE, **more: Any) -> list[measure.Series]:
        program = tmp_path / "peer.py"
        program.write_text(f"import os, sys, time\nfrom pathlib import Path\n{text}\n", encoding="utf-8")
        entrant = Entrant(
            name="peer",
            command=(sys.executable, "-I", str(program), REPORT),
            directory=tmp_path,
            stdout=tmp_path / "stdout",
            **{"read": lambda _: Reading(), **more},
        )
        return compare([entrant], plan)

    return run


def report(text: str) -> str:
    return f"Path(sys.argv[1]).write_text({text!r})"


def refused(capsys: pytest.CaptureFixture[str], run: Callable[[], object]) -> str:
    with pytest.raises(SystemExit) as end:
        run()
    assert isinstance(end.value.code, str)  # printed, and the exit code is 1
    assert end.value.code.startswith("error: peer does not count: ")
    assert "nothing is compared" in end.value.code
    assert capsys.readouterr().out == ""
    return end.value.code


def test_a_peer_that_says_that_it_broke_off_is_refused_though_its_exit_code_is_that_of_findings(
    enter: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    text = "print('6:51PM WRN incomplete scan ended after 417ms', file=sys.stderr)\nsys.exit(1)"
    said = refused(capsys, lambda: enter(f"{report(SCANNED % '')}\n{text}", terms=BETTERLEAKS))
    assert "it complains: 6:51PM WRN incomplete scan ended after 417ms" in said


def test_a_peer_that_is_silent_but_has_read_less_is_refused(
    enter: Callable[..., object], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    planted = in_files(tmp_path / "tree")
    some = ", ".join(json.dumps({"path": seed.traces[1]}) for seed in planted[:-1])
    said = refused(capsys, lambda: enter(report(SCANNED % some), terms=BETTERLEAKS, lacks=all_found(planted)))
    assert "it has not found what was planted in zz-canary.cfg" in said


def test_a_peer_that_finds_what_is_planted_counts(enter: Callable[..., Any], tmp_path: Path) -> None:
    planted = in_files(tmp_path / "tree")
    everything = ", ".join(json.dumps({"path": seed.traces[1]}) for seed in planted)
    [series] = enter(
        report(SCANNED % everything) + "\nsys.exit(1)",
        terms=BETTERLEAKS,
        lacks=all_found(planted),
        read=readings.betterleaks,
    )
    assert [run.code for run in series.timed] == [1]
    assert series.reading.findings == 3


def test_what_is_named_outside_of_the_findings_was_not_found(
    enter: Callable[..., object], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    planted = in_files(tmp_path / "tree")
    skipped = json.dumps({"findings": [], "skipped": [seed.traces[1] for seed in planted]})
    refused(capsys, lambda: enter(report(skipped), lacks=all_found(planted)))


def test_a_peer_that_is_killed_is_refused(
    enter: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, lambda: enter("os.kill(os.getpid(), 9)", terms=GITLEAKS))
    assert "it was ended by signal 9" in said


def test_a_peer_that_does_not_come_to_an_end_is_refused(
    enter: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    quick = Plan(warmups=0, rounds=1, sampled=0, timeout=0.5)
    assert "ran for more than" in refused(capsys, lambda: enter("time.sleep(60)", plan=quick))


def test_a_later_run_is_judged_like_the_first(
    enter: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    text = "mark = Path('ran')\nsys.exit(1) if mark.exists() else mark.touch()"
    twice = Plan(warmups=1, rounds=1, sampled=0, timeout=60)
    assert "exit code 1" in refused(capsys, lambda: enter(text, plan=twice))


GOOD = Output(report=SCANNED % "")
KINGFISHER_REPORT = '{"audit": {"summary": {"scan_partial": %d, "scan_failed": 0, "pending": 0}}}'
LOST = '{"skipped": [{"reason": "%s"}], "limits": [], "findings": []}'


@pytest.mark.parametrize(
    ("terms", "code", "output"),
    [
        (DONE, 0, Output()),
        (SECOPS, 1, Output(report=LOST % "binary")),
        (KINGFISHER, 200, Output(report=KINGFISHER_REPORT % 0, stderr=" WARN kingfisher: x\n")),
        (BETTERLEAKS, 1, GOOD),
        (
            GITLEAKS,
            0,
            Output(report="[]", stderr="6:51PM INF 12 commits scanned.\n6:51PM INF no leaks found\n"),
        ),
        # What a hook prints for people may hold anything.
        (finding(GITLEAKS), 1, Output(stdout="Secret: 1 ERR x\n")),
    ],
)
def test_a_finished_run_counts(terms: Terms, code: int, output: Output) -> None:
    assert shortcoming(terms, code, output) == ""


@pytest.mark.parametrize(
    ("terms", "code", "output"),
    [
        (DONE, 1, Output()),
        (SECOPS, 3, Output(report=LOST % "binary")),
        (SECOPS, 1, Output(report=LOST % "missing_object")),
        (SECOPS, 0, Output(report='{"skipped": [], "limits": ["This is a shallow clone"], "findings": []}')),
        (SECOPS, 0, Output()),
        (KINGFISHER, 1, Output(report=KINGFISHER_REPORT % 0)),
        (KINGFISHER, 200, Output(report=KINGFISHER_REPORT % 1)),
        (
            KINGFISHER,
            0,
            Output(
                report=KINGFISHER_REPORT % 0, stderr="ERROR kingfisher::scanner::enumerate: Error loading\n"
            ),
        ),
        (BETTERLEAKS, 1, Output(report='{"scan": {"state": "incomplete"}, "findings": []}')),
        (BETTERLEAKS, 1, Output(report=(SCANNED % "")[:-2])),
        (
            BETTERLEAKS,
            0,
            Output(report=SCANNED % "", stderr="6:5PM WRN skipping file: permission denied path=x\n"),
        ),
        # It ends with 0 and "no leaks found" all the same.
        (
            GITLEAKS,
            0,
            Output(report="[]", stderr='6:51PM ERR error="stderr is not empty"\n6:51PM INF no leaks found\n'),
        ),
        (GITLEAKS, 1, Output(report="[]", stderr="6:51PM FTL stat nowhere: no such file or directory\n")),
        (GITLEAKS, 1, Output(report="[]", stderr="6:51PM WRN 4 leaks found in partial scan\n")),
        (GITLEAKS, 0, Output(stderr="6:51PM INF no leaks found\n")),
        (finding(GITLEAKS), 0, Output()),
        (DETECT_SECRETS_HOOK, 1, Output(stderr="Traceback (most recent call last):\n")),
    ],
)
def test_an_unfinished_run_does_not(terms: Terms, code: int, output: Output) -> None:
    assert shortcoming(terms, code, output)


def test_how_much_was_read_is_held_against_what_is_there() -> None:
    assert too_few("blobs", 99, 100, 0.99) == ""
    assert too_few("blobs", 9_800, 10_000, 0.99) == "it has read 9,800 of 10,000 blobs"


@pytest.mark.parametrize("name", FOUND)
def test_a_hook_that_lets_a_commit_pass(name: str) -> None:
    clean = Output(stdout="", stderr="", report="")
    assert not shortcoming(passed(FOUND[name]), 0, clean)
    assert shortcoming(passed(FOUND[name]), 1, clean) == "it ended with exit code 1"
    silent, telling = Reading(findings=0), Reading(findings=1)
    assert [bool(leak_named(clean, one)) for one in (silent, telling)] == [False, True]
    assert [bool(leak_unnamed(clean, one)) for one in (silent, telling)] == [True, False]
