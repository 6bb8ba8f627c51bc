"""Syncs that do not end: what a journal is worth, and what a crash or a Ctrl-C leaves."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from secopskit.errors import ConfigError, ExitCode, IncompleteError, SecopsError, UsageError
from secopskit.secret import SecretValue
from secopskit.state.published import PublishedRecord
from secopskit.sync import run
from secopskit.sync.fanout import each_repository
from secopskit.sync.write import writing
from secopskit.sync.write.journal import SyncNotebook
from secopskit.web.pace import Pace
from support.sync import FakeHost, FakeSink, request_for, surroundings_of

DECLARED = """
sync:
  repositories: [acme/shop]
  environments:
    production: {source: {shelf: one}, sinks: [locker], secrets: [A, B, C]}
"""
LOCKER = "fake acme/shop production secret"


class Killed(BaseException):
    """The end of the process, as far as a test in it can tell."""


@pytest.fixture
def filled(host: FakeHost) -> FakeHost:
    host.sources["one"] = {"A": b"first", "B": b"second", "C": b"third", "D": b"fourth"}
    return host


def apply(root: Path, declaration: str = DECLARED, /, **changes: Any) -> Any:
    request = request_for(root, declaration, **changes)
    return run.apply(run.plan(request, sinks=surroundings_of(root)), request, consented=True)


def resume(root: Path, declaration: str = DECLARED, /, **changes: Any) -> Any:
    return run.resume(request_for(root, declaration, **changes), sinks=surroundings_of(root))


def journal(root: Path) -> Path:
    return root / ".git" / "secops" / "sync" / "journal.json"


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("put_down", [True, False])
def test_a_crash_at_any_write_is_finished(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch, after: int, put_down: bool
) -> None:
    """Before or after the host has it, and whether or not what is done was put down."""
    original, count = FakeSink.put, iter(range(10))

    def crashing(sink: FakeSink, name: str, value: SecretValue) -> Any:
        when = original(sink, name, value)
        if next(count) == after:
            raise Killed
        return when

    with monkeypatch.context() as patch:
        patch.setattr(FakeSink, "put", crashing)
        if not put_down:
            patch.setattr(writing.WriteLog, "flush", lambda _: None)
        with pytest.raises(Killed):
            apply(tmp_path)
    known = PublishedRecord(str(tmp_path / ".git" / "secops")).read()
    assert len(known) == (after if put_down else 0), "what was put down is what was done"
    assert journal(tmp_path).exists()
    outcome = resume(tmp_path)
    assert outcome.code is ExitCode.OK
    assert {name: value for name, (value, _) in filled.stored[LOCKER].items()} == {
        "A": b"first",
        "B": b"second",
        "C": b"third",
    }
    assert not journal(tmp_path).exists()
    assert run.plan(request_for(tmp_path, DECLARED), sinks=surroundings_of(tmp_path)).empty


def test_removals_are_resumed_too(tmp_path: Path, filled: FakeHost) -> None:
    apply(tmp_path)
    fewer = DECLARED.replace("[A, B, C]", "[A]")
    filled.fails["C"] = SecopsError("the line is down")
    outcome = apply(tmp_path, fewer, prune=True)
    assert (outcome.code, [item.name for item in outcome.removed]) == (ExitCode.INCOMPLETE, ["B"])
    filled.fails.clear()
    outcome = resume(tmp_path, fewer)
    assert (outcome.code, [item.name for item in outcome.removed]) == (ExitCode.OK, ["C"])
    assert set(filled.stored[LOCKER]) == {"A"}


def test_what_was_to_be_written_is_not_removed_instead(tmp_path: Path, filled: FakeHost) -> None:
    apply(tmp_path)
    filled.sources["one"] = {"A": b"1", "B": b"2", "C": b"3"}
    filled.fails = {"B": SecopsError("the line is down")}
    apply(tmp_path)
    filled.fails.clear()
    with pytest.raises(UsageError, match="nobody is here"):
        resume(tmp_path, DECLARED.replace("[A, B, C]", "[A, C]"), prune=True)
    assert "B" in filled.stored[LOCKER]


def test_names_that_came_later_are_told_and_not_written(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails["B"] = SecopsError("the line is down")
    apply(tmp_path)
    filled.fails.clear()
    outcome = resume(tmp_path, DECLARED.replace("[A, B, C]", "[A, B, C, D]"))
    assert [item.name for item in outcome.written] == ["B"]
    assert outcome.remarks == ("1 name more to be written or removed: run it again.",)


def test_another_declaration_does_not_finish_it(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails["B"] = SecopsError("the line is down")
    apply(tmp_path)
    request = request_for(tmp_path, DECLARED)
    other = replace(request, config=request.config._replace(file=None))
    with pytest.raises(UsageError, match=r"was of another declaration: \.secops\.yaml"):
        run.resume(other, sinks=surroundings_of(tmp_path))


def test_a_damaged_journal_is_told_and_can_be_given_up(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails["B"] = SecopsError("the line is down")
    apply(tmp_path)
    good = json.loads(journal(tmp_path).read_text())
    for bad in ({"version": 9}, good | {"entries": [[1, 2, 3, 4, True]]}, good | {"entries": [["a"]]}):
        journal(tmp_path).write_text(json.dumps(bad))
        with pytest.raises(IncompleteError, match="is not a journal of a sync"):
            apply(tmp_path)
        assert journal(tmp_path).exists()
    assert run.abort(request_for(tmp_path, DECLARED).state_dir) is None
    filled.fails.clear()
    assert apply(tmp_path).code is ExitCode.OK


def test_a_place_that_cannot_be_made_is_told_once(tmp_path: Path, filled: FakeHost) -> None:
    filled.missing = {LOCKER}
    filled.fails[LOCKER] = SecopsError("not allowed to make it")
    outcome = apply(tmp_path)
    assert (outcome.code, len(outcome.failures), len(outcome.untried)) == (ExitCode.INCOMPLETE, 1, 2)


def test_a_sink_that_refuses_two_in_a_row_is_left_alone(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails = dict.fromkeys("AB", SecopsError("the line is down"))
    outcome = apply(tmp_path)
    assert (len(outcome.failures), [item.name for item in outcome.untried]) == (2, ["C"])


def test_a_record_that_cannot_be_written_stops_the_run(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise SecopsError("no space left")

    monkeypatch.setattr(PublishedRecord, "update", full)
    with pytest.raises(SecopsError, match="no space left"):
        apply(tmp_path)
    assert journal(tmp_path).exists()


def test_a_committed_record_needs_a_repository(tmp_path: Path, filled: FakeHost) -> None:
    with pytest.raises(ConfigError, match="this is no repository"):
        apply(tmp_path, DECLARED.replace("sync:", "sync:\n  record: lock.json"), root=None, state_dir=None)


@pytest.mark.parametrize("groups", [1, 6])
def test_an_error_stops_what_has_not_begun(groups: int) -> None:
    done, stopped = list[int](), Event()

    def work(job: int) -> None:
        done.append(job)
        if job == 0:
            raise Killed

    with pytest.raises(Killed):
        each_repository({str(group): [group, group + 100] for group in range(groups)}, work, stopped)
    assert 100 not in done
    assert stopped.is_set() == (groups > 1)


BOARD = "fake acme/shop production variable"
VARIABLES = DECLARED.replace("secrets:", "variables:")


def killed(
    root: Path,
    declaration: str,
    patch: pytest.MonkeyPatch,
    *,
    method: str = "put",
    after: int,
    **changes: Any,
) -> None:
    """Apply, and be killed after so many writes or removals more, before any of them is put down."""
    original, count = getattr(FakeSink, method), iter(range(10))

    def crashing(sink: FakeSink, *arguments: Any) -> Any:
        result = original(sink, *arguments)
        if next(count) == after:
            raise Killed
        return result

    with patch.context() as context:
        context.setattr(FakeSink, method, crashing)
        context.setattr(writing.WriteLog, "flush", lambda _: None)
        with pytest.raises(Killed):
            apply(root, declaration, **changes)
    assert journal(root).exists()


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("again", ["resume", "apply"])
def test_variables_that_were_written_are_ours(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch, after: int, again: str
) -> None:
    """They can be read, so they are not written again; they are put down all the same."""
    killed(tmp_path, VARIABLES, monkeypatch, after=after)
    outcome = (resume if again == "resume" else apply)(tmp_path, VARIABLES)
    assert (outcome.code, len(outcome.written)) == (ExitCode.OK, 2 - after)
    assert not journal(tmp_path).exists()
    facts = PublishedRecord(str(tmp_path / ".git" / "secops")).read()
    assert {name: facts[BOARD, name].at for name in "ABC"} == {
        name: when for name, (_, when) in filled.stored[BOARD].items()
    }
    fewer = VARIABLES.replace("[A, B, C]", "[A]")
    outcome = apply(tmp_path, fewer, prune=True)
    assert [item.name for item in outcome.removed] == ["B", "C"]


def test_what_somebody_else_wrote_there_is_not_put_down_as_ours(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(tmp_path, VARIABLES, monkeypatch, after=0)
    filled.write(BOARD, "B", b"theirs")
    filled.sources["one"] = {"A": b"first", "B": b"theirs", "C": b"third"}
    apply(tmp_path, VARIABLES)
    facts = PublishedRecord(str(tmp_path / ".git" / "secops")).read()
    assert sorted(name for _, name in facts) == ["A", "C"]


@pytest.mark.parametrize("after", [0, 1])
def test_removals_that_were_done_are_closed(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    apply(tmp_path)
    fewer = DECLARED.replace("[A, B, C]", "[A]")
    killed(tmp_path, fewer, monkeypatch, method="remove", after=after, prune=True)
    outcome = resume(tmp_path, fewer)
    assert (outcome.code, len(outcome.removed)) == (ExitCode.OK, 1 - after)
    assert not journal(tmp_path).exists()
    assert [name for _, name in PublishedRecord(str(tmp_path / ".git" / "secops")).read()] == ["A"]


@pytest.mark.parametrize("again", ["resume", "apply"])
def test_a_name_that_is_declared_no_more_keeps_nothing_open(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    killed(tmp_path, DECLARED, monkeypatch, after=0)
    outcome = (resume if again == "resume" else apply)(tmp_path, DECLARED.replace("[A, B, C]", "[A, B]"))
    assert (outcome.code, outcome.remarks) == (ExitCode.OK, ())
    assert not journal(tmp_path).exists()


def test_a_sink_that_is_declared_no_more_keeps_nothing_open(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = DECLARED.replace("acme/shop", "acme/moved")
    killed(tmp_path, DECLARED, monkeypatch, after=0)
    outcome = apply(tmp_path, moved, overridden=True)
    assert outcome.remarks == ("3 names of a run that did not end: not asked for here, and still open.",)
    assert journal(tmp_path).exists(), "one call says nothing of the declaration"
    assert resume(tmp_path, moved).code is ExitCode.OK
    assert not journal(tmp_path).exists()


def test_a_sink_that_cannot_be_reached_stays_open(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = DECLARED.replace("[acme/shop]", "[acme/shop, acme/other]")
    monkeypatch.setattr("secopskit.sync.fanout.WORKERS", 1)
    killed(tmp_path, two, monkeypatch, after=0)
    other = LOCKER.replace("shop", "other")
    filled.unreachable[other] = SecopsError("gone")
    outcome = resume(tmp_path, two)
    assert (outcome.code, outcome.resumable) == (ExitCode.INCOMPLETE, True)
    assert sorted(filled.stored[LOCKER]) == ["A", "B", "C"]
    filled.unreachable.clear()
    outcome = resume(tmp_path, two)
    assert (outcome.code, len(outcome.written)) == (ExitCode.OK, 3)
    assert not journal(tmp_path).exists()


def test_a_run_at_work_is_not_one_that_did_not_end(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(tmp_path, DECLARED, monkeypatch, after=0)
    with SyncNotebook.of(str(tmp_path / ".git" / "secops")).held():
        made = run.plan(request_for(tmp_path, DECLARED), sinks=surroundings_of(tmp_path))
    assert any("Another run is at work" in limit for limit in made.limits)
    assert not any("--abort" in limit for limit in made.limits)


def test_a_wait_of_another_thread_is_broken_off() -> None:
    """A host's limit lasts for minutes: whoever stops the run does not wait for it."""
    waiting, sent = Event(), list[str]()
    pace = Pace()
    pace.hold(60)

    def work(job: str) -> None:
        if job == "stop":
            assert waiting.wait(10)
            raise Killed
        waiting.set()
        pace.turn(write=True)
        sent.append(job)

    began = time.monotonic()
    with pytest.raises(Killed):
        each_repository({"one": ["first", "second"], "two": ["stop"]}, work)
    assert (time.monotonic() - began < 30, sent) == (True, [])
