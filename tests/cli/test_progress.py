"""The line of progress: what it shows, when, and that it leaves nothing behind."""

from __future__ import annotations

import io
import re
import sys
import threading
from pathlib import Path

import pytest

from secopskit.cli.terminal import progress as drawing
from secopskit.cli.terminal.progress import DrawnProgress, hide_progress, progress, tell
from secopskit.cli.terminal.progress_line import numbers
from secopskit.cli.terminal.voice import Voice
from secopskit.progress import BYTES, ProgressStage, still_at_work
from secopskit.settings.environment import Environment, read_environment
from support.cli import SOURCE
from support.leak import Leak
from support.repos import Repo
from support.terminal import on_terminal
from support.values import github_token

READING, NAMING = ProgressStage.READING_OBJECTS, ProgressStage.LOOKING_BY_NAME
_MOVE = re.compile(r"\x1b\[(\d*)([A-Za-z])")
# Runs secops with no patience, so that each stage of short work is drawn.
_AT_ONCE = """
import runpy, sys
from secopskit.cli.terminal import progress
progress._PATIENCE = progress._INTERVAL = -1.0
runpy.run_module("secopskit", run_name="__main__")
"""


class Screen(io.StringIO):
    """A terminal that understands what a line of progress needs; `lines` are what one sees."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._monkeypatch = monkeypatch

    def begin(self) -> None:
        """Be standard error: within the test, for pytest sets its own before it."""
        self._monkeypatch.setattr(sys, "stderr", self)

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        rows, row, column = [""], 0, 0
        text = self.getvalue()
        at = 0
        while at < len(text):
            if move := _MOVE.match(text, at):
                at = move.end()
                if move[2] == "A":
                    row -= int(move[1] or 1)
                elif move[2] == "K":
                    rows[row] = ""
                continue
            if text[at] == "\n":
                row, column = row + 1, 0
                rows += [""] * (row + 1 - len(rows))
            elif text[at] == "\r":
                column = 0
            else:
                rows[row] = rows[row][:column].ljust(column) + text[at] + rows[row][column + 1 :]
                column += 1
            at += 1
        return [line.rstrip() for line in rows if line.strip()]


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A wide terminal, and without the developer's surroundings."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    return Screen(monkeypatch)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_PATIENCE", -1.0)
    monkeypatch.setattr(drawing, "_INTERVAL", -1.0)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def surroundings(**variables: str) -> Environment:
    return read_environment({"TERM": "xterm-256color", **variables})


def test_nothing_is_drawn_within_the_patience(screen: Screen) -> None:
    screen.begin()
    clock = Hands()
    drawn = DrawnProgress(clock)
    drawn.stage(READING, 100_000_000)
    clock.now += 0.6
    drawn.advance(50_000_000)
    assert screen.getvalue() == ""
    clock.now += 0.2
    drawn.advance(0)
    (line,) = screen.lines
    assert "reading objects" in line
    assert "50 of 100 MB" in line


def test_it_is_drawn_ten_times_a_second_at_most(screen: Screen) -> None:
    screen.begin()
    clock = Hands()
    drawn = DrawnProgress(clock)
    drawn.stage(READING)
    clock.now += 1
    drawn.advance(1)
    before = len(screen.getvalue())
    clock.now += 0.05
    drawn.advance(1)
    assert len(screen.getvalue()) == before
    clock.now += 0.06
    drawn.advance(1)
    assert len(screen.getvalue()) > before


def test_amount_rate_time_and_rest(screen: Screen) -> None:
    screen.begin()
    clock = Hands()
    drawn = DrawnProgress(clock)
    drawn.stage(READING, 400_000_000)
    clock.now += 10
    drawn.advance(100_000_000)
    (line,) = screen.lines
    assert line.endswith("100 of 400 MB, 10 MB/s, 0:10, rest 0:30")
    drawn.stage(NAMING)
    clock.now += 4
    drawn.advance(1200)
    (line,) = screen.lines
    assert "looking by name" in line
    assert "reading" not in line
    assert line.endswith("1,200 blobs, 300/s, 0:04")
    drawn.expect(2400)
    clock.now += 0.2
    drawn.advance(0)
    assert screen.lines[0].endswith("rest 0:04")


def test_a_total_that_was_too_small_is_none(screen: Screen) -> None:
    screen.begin()
    clock = Hands()
    drawn = DrawnProgress(clock)
    drawn.stage(NAMING, 10)
    clock.now += 2
    drawn.advance(11)
    assert screen.lines[0].endswith("11 blobs, 6/s, 0:02")


@pytest.mark.parametrize(
    ("unit", "done", "total", "seconds", "text"),
    [
        ("files", 0, None, 3.2, "0:03"),
        ("files", 0, 9, 3.2, "0 of 9 files, 0:03"),
        ("files", 5, 9, 0.5, "5 of 9 files, 0:00"),
        ("files", 9, 9, 3.0, "9 of 9 files, 3/s, 0:03, rest 0:00"),
        ("files", 0, 0, 3.0, "0:03"),
        (BYTES, 2_000_000, None, 7300.0, "2 MB, 0 MB/s, 2:01:40"),
    ],
)
def test_numbers(unit: str, done: int, total: int | None, seconds: float, text: str) -> None:
    assert numbers(unit, done, total, seconds) == text


@pytest.mark.usefixtures("at_once")
def test_the_line_is_gone_at_the_end(screen: Screen) -> None:
    screen.begin()
    with progress(surroundings(), quiet=False) as shown:
        shown.stage(READING)
        assert len(screen.lines) == 1
    assert screen.lines == []
    assert "?25l" not in screen.getvalue()  # who is killed now leaves a cursor


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_the_line_is_gone_when_it_is_interrupted(screen: Screen, error: type[BaseException]) -> None:
    screen.begin()

    def work() -> None:
        with progress(surroundings(), quiet=False) as shown:
            shown.stage(READING)
            assert screen.lines
            raise error

    with pytest.raises(error):
        work()
    assert screen.lines == []
    before = screen.getvalue()
    still_at_work()
    hide_progress()
    assert screen.getvalue() == before


@pytest.mark.usefixtures("at_once")
def test_work_that_goes_on_below_is_shown(screen: Screen) -> None:
    screen.begin()
    with progress(surroundings(), quiet=False) as shown:
        shown.stage(NAMING, 10)
        assert still_at_work(4) == 0
        assert "4 of 10 blobs" in screen.lines[0]


@pytest.mark.usefixtures("at_once")
def test_a_note_stands_above_the_line(screen: Screen) -> None:
    screen.begin()
    voice = Voice(environment=surroundings())
    with voice.progress() as shown:
        shown.stage(READING)
        voice.note("a note")
        voice.phase("a phase")
        tell("a notice")
        assert screen.lines == ["a note", "· a phase", "secops: a notice"]
        shown.advance(1_000_000)
        assert [line[:9] for line in screen.lines[:3]] == ["a note", "· a phase", "secops: a"]
        assert "reading objects" in screen.lines[3]
    assert screen.lines == ["a note", "· a phase", "secops: a notice"]


@pytest.mark.usefixtures("at_once")
def test_several_threads_may_tell(screen: Screen) -> None:
    screen.begin()
    with progress(surroundings(), quiet=False) as shown:
        shown.stage(ProgressStage.WRITING_NAMES, 400)

        def work() -> None:
            for _ in range(100):
                shown.advance(1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        shown.advance(0)
        assert "400 of 400 names" in screen.lines[0]


@pytest.mark.usefixtures("at_once")
def test_a_terminal_that_has_gone_stops_no_work(monkeypatch: pytest.MonkeyPatch, screen: Screen) -> None:
    screen.begin()

    def gone(_text: str) -> int:
        raise OSError(5, "Input/output error")

    with progress(surroundings(), quiet=False) as shown:
        shown.stage(READING)
        monkeypatch.setattr(screen, "write", gone)
        shown.advance(1)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("variables", "quiet"), [({"CI": "true"}, False), ({"TERM": "dumb"}, False), ({}, True)]
)
def test_nothing_is_drawn_where_nobody_looks(screen: Screen, variables: dict[str, str], quiet: bool) -> None:
    screen.begin()
    with progress(surroundings(**variables), quiet=quiet) as shown:
        shown.stage(READING)
        assert still_at_work(3) == 3
    assert screen.getvalue() == ""


@pytest.mark.usefixtures("at_once")
def test_nothing_is_drawn_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    with progress(surroundings(), quiet=False) as shown:
        shown.stage(READING)
    assert file.getvalue() == ""


@pytest.mark.usefixtures("at_once")
def test_without_colours(screen: Screen) -> None:
    screen.begin()
    with progress(surroundings(), quiet=False, color=False) as shown:
        shown.stage(READING, 100)
        assert "\x1b[3" not in screen.getvalue()


@pytest.mark.usefixtures("at_once")
def test_a_narrow_terminal_has_one_line(monkeypatch: pytest.MonkeyPatch, screen: Screen) -> None:
    screen.begin()
    monkeypatch.setenv("COLUMNS", "30")
    with progress(surroundings(), quiet=False) as shown:
        shown.stage(READING, 100_000_000)
        shown.advance(1)
        (line,) = screen.lines
        assert len(line) <= 30
    assert screen.lines == []


# --- on a real terminal


def stages_of(text: str) -> list[ProgressStage]:
    """The stages that were drawn, in order, each time once."""
    words = {stage.words: stage for stage in ProgressStage}
    found = re.findall("|".join(sorted(map(re.escape, words), key=len, reverse=True)), text)
    stages = [words[one] for one in found]
    return [one for at, one in enumerate(stages) if not at or stages[at - 1] is not one]


def drawn_by(*arguments: str, cwd: Path, code: int) -> str:
    """What the terminal showed."""
    outcome = on_terminal(
        [sys.executable, "-c", _AT_ONCE, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(SOURCE), "TERM": "xterm", "COLUMNS": "120", "CI": ""},
        answers={},
    )
    assert outcome.code == code, outcome.text
    return outcome.text


@pytest.mark.skipif(sys.platform != "linux", reason="terminals differ")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_scan_of_a_history_shows_its_stages(repo: Repo, jobs: str) -> None:
    token = github_token()
    name = f"name-{'x' * 12}\x1b[31m.py"
    repo.commit({name: f"token = '{token}'\n", ".env": "A=1\n", "b.yml": "a: 1\n"})
    text = drawn_by("scan", "--history", "-j", jobs, "-f", "json", "-o", "report.json", cwd=repo.path, code=1)
    assert stages_of(text) == [
        ProgressStage.LISTING_OBJECTS,
        ProgressStage.READING_OBJECTS,
        ProgressStage.ATTRIBUTING,
        ProgressStage.LOOKING_BY_NAME,
        ProgressStage.LOCATING,
        ProgressStage.KEEPING,
        ProgressStage.JUDGING,
    ]
    assert token not in text
    assert "xxxxxxxxxxxx" not in text
    assert re.search(r"\d of \d+ blobs", text)


@pytest.mark.skipif(sys.platform != "linux", reason="terminals differ")
def test_a_scan_of_files_counts_them(repo: Repo) -> None:
    repo.commit({f"f{number}.py": "x = 1\n" for number in range(7)})
    text = drawn_by("scan", "-f", "json", "-o", "report.json", cwd=repo.path, code=0)
    assert stages_of(text) == [ProgressStage.READING_FILES]
    assert "7 of 7 files" in text


@pytest.mark.skipif(sys.platform != "linux", reason="terminals differ")
def test_a_purge_shows_its_stages(tmp_path: Path) -> None:
    leak = Leak(tmp_path)
    text = drawn_by(*leak.unattended, cwd=leak.repo.path, code=0)
    stages = stages_of(text)
    wanted = [
        ProgressStage.LOOKING_FOR_VALUES,
        ProgressStage.FINDING_EXTENT,
        ProgressStage.LOOKING_OUTSIDE,
        ProgressStage.BACKING_UP,
        ProgressStage.REWRITING_FILES,
        ProgressStage.REWRITING_COMMITS,
        ProgressStage.CHECKING_REWRITE,
        ProgressStage.PACKING,
        ProgressStage.SWAPPING,
        ProgressStage.CLEANING_UP,
        ProgressStage.PROVING,
        ProgressStage.LOOKING_FOR_VALUES,
        ProgressStage.LOOKING_OUTSIDE,
    ]
    left = iter(stages)
    assert all(stage in left for stage in wanted), stages
    assert leak.token not in text
