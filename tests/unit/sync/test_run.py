"""Plan, consent, apply, look: what a sync does, against a host that is a dictionary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import ConfigError, ExitCode, RefusedError, SecopsError, UsageError
from secopskit.github.errors import GitHubError
from secopskit.secret import SecretValue
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.published import PublishedRecord
from secopskit.state.rotations import record_rotations
from secopskit.sync import run
from secopskit.sync.model import SyncPlan, SyncState
from secopskit.sync.outcome import SyncOutcome
from support.sync import FakeHost, request_for, surroundings_of

DECLARED = """
sync:
  repositories: [acme/shop]
  environments:
    production:
      source: {shelf: one}
      sinks: [locker]
      secrets: [A, B]
      variables: {C: {}}
"""
LOCKER = "fake acme/shop production secret"
BOARD = "fake acme/shop production variable"


class Person:
    """A respondent with an answer for each question, who remembers them."""

    present = True

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        return self.answers.pop(0) == "y"

    def types(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.answers.pop(0)


def planned(root: Path, declaration: str = DECLARED, /, **changes: Any) -> SyncPlan:
    return run.plan(request_for(root, declaration, **changes), sinks=surroundings_of(root))


def applied(root: Path, declaration: str = DECLARED, /, **changes: Any) -> SyncOutcome:
    request = request_for(root, declaration, **changes)
    return run.apply(run.plan(request, sinks=surroundings_of(root)), request, consented=True)


def states(plan: SyncPlan) -> dict[str, str]:
    return {item.name: item.state.value for item in plan.items}


def reason(plan: SyncPlan, name: str) -> str:
    return next(item.reason for item in plan.items if item.name == name)


@pytest.fixture
def filled(host: FakeHost) -> FakeHost:
    host.sources["one"] = {"A": b"first", "B": b"second", "C": b"third"}
    return host


def test_what_is_declared_is_written_once(tmp_path: Path, filled: FakeHost) -> None:
    assert states(planned(tmp_path)) == {"A": "create", "B": "create", "C": "create"}
    assert run.check(planned(tmp_path)) is ExitCode.FINDINGS
    outcome = applied(tmp_path)
    assert (outcome.code, outcome.confirmed, len(outcome.written)) == (ExitCode.OK, 3, 3)
    assert {name: value for name, (value, _) in filled.stored[LOCKER].items()} == {
        "A": b"first",
        "B": b"second",
    }
    again = planned(tmp_path)
    assert again.empty
    assert states(again) == {"A": "unchanged", "B": "unchanged", "C": "unchanged"}
    assert run.check(again) is ExitCode.OK
    filled.calls.clear()
    assert applied(tmp_path).written == ()
    assert not [call for call in filled.calls if call[0] in {"put", "remove", "make"}]


def test_a_source_is_read_once_and_a_sink_listed_once(tmp_path: Path, filled: FakeHost) -> None:
    planned(tmp_path)
    assert [call for call in filled.calls if call[0] == "read"] == [("read", "one", "A", "B", "C")]
    assert [call for call in filled.calls if call[0] == "list"] == [("list", LOCKER), ("list", BOARD)]


def test_values_are_checked_before_anybody_is_talked_to(tmp_path: Path, filled: FakeHost) -> None:
    filled.sources["one"] = {"A": b"x" * 1001, "B": b"y" * 1001, "C": b""}
    with pytest.raises(ConfigError, match=r"one:A: A is too long .* \(and 1 more like it\)"):
        planned(tmp_path)
    assert not [call for call in filled.calls if call[0] == "list"]


def test_another_value_of_the_source_is_an_update(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    filled.sources["one"] = {"A": b"other", "B": b"second", "C": b"fourth"}
    assert states(planned(tmp_path)) == {"A": "update", "B": "unchanged", "C": "update"}
    assert applied(tmp_path).code is ExitCode.OK
    assert filled.value(LOCKER, "A") == b"other"
    assert filled.value(BOARD, "C") == b"fourth"
    assert planned(tmp_path).empty


def test_what_others_write_is_drift(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    filled.write(LOCKER, "A", b"theirs")
    filled.write(BOARD, "C", b"theirs")
    made = planned(tmp_path)
    assert states(made) == {"A": "drifted", "B": "unchanged", "C": "drifted"}
    assert "since we wrote it" in reason(made, "A")
    person = Person("n")
    with pytest.raises(RefusedError):
        run.apply(made, request_for(tmp_path, DECLARED), respondent=person)
    assert person.asked[0].startswith(
        "2 names changed there by somebody else, and will be overwritten: A, C."
    )
    assert filled.value(LOCKER, "A") == b"theirs"
    assert applied(tmp_path).code is ExitCode.OK
    assert filled.value(LOCKER, "A") == b"first"


def test_an_access_that_moved_backwards_is_drift(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    value, when = filled.stored[LOCKER]["A"]
    filled.stored[LOCKER]["A"] = (value, when - timedelta(days=1))
    assert states(planned(tmp_path))["A"] == "drifted"


def test_nobody_can_compare_what_is_not_on_record(tmp_path: Path, filled: FakeHost) -> None:
    filled.write(LOCKER, "A", b"first")
    filled.write(BOARD, "C", b"third")
    made = planned(tmp_path)
    assert states(made) == {"A": "unknown", "B": "create", "C": "unchanged"}
    assert any("not on record here" in limit for limit in made.limits)
    only = planned(tmp_path, names=("A",))
    assert (run.check(only), run.check(only, strict=True)) == (ExitCode.OK, ExitCode.FINDINGS)
    person = Person("y")
    run.apply(only, request_for(tmp_path, DECLARED), respondent=person)
    assert person.asked == [
        f"1 name not on record here; whatever is there will be overwritten: A.\nWrite 1 secret to {LOCKER}?"
    ]
    assert states(planned(tmp_path))["A"] == "unchanged"


def test_a_value_that_was_rotated_is_stale(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    state = str(tmp_path / ".git" / "secops")
    key = fingerprint_key(state)
    old = [SecretValue(text).fingerprint(key).text for text in (b"first", b"third")]
    record_rotations(state, old, filled.tick())
    filled.sources["one"] = {"A": b"new", "B": b"second", "C": b"fresh"}
    assert states(planned(tmp_path)) == {"A": "stale", "B": "unchanged", "C": "stale"}
    filled.sources["one"] = None
    made = planned(tmp_path, tolerant=True)
    assert states(made) == {"A": "stale", "B": "unchanged", "C": "stale"}
    assert made.empty
    assert run.check(made) is ExitCode.FINDINGS
    filled.sources["one"] = {"A": b"first", "B": b"second", "C": b"fresh"}
    made = planned(tmp_path)
    assert "the source itself still has a value that was rotated" in reason(made, "A")
    assert [item.name for item in made.writes] == ["C"]
    assert run.apply(made, request_for(tmp_path, DECLARED), consented=True).code is ExitCode.FINDINGS


def test_a_rotated_value_that_was_replaced_there_is_not_stale(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    state = str(tmp_path / ".git" / "secops")
    record_rotations(state, [SecretValue(b"first").fingerprint(fingerprint_key(state)).text], filled.tick())
    filled.write(LOCKER, "A", b"new")
    filled.sources["one"] = {"A": b"new", "B": b"second", "C": b"third"}
    assert states(planned(tmp_path))["A"] == "drifted"


def test_what_the_source_lacks_is_missing(tmp_path: Path, filled: FakeHost) -> None:
    filled.sources["one"] = {"B": b"second", "C": b"third"}
    made = planned(tmp_path)
    assert (states(made)["A"], reason(made, "A")) == ("missing", "one has no A")
    outcome = applied(tmp_path)
    assert [item.name for item in outcome.left] == ["A"]
    assert outcome.code is ExitCode.FINDINGS
    assert run.check(planned(tmp_path)) is ExitCode.FINDINGS


def test_a_source_that_cannot_be_read_stops_what_may_be_applied(tmp_path: Path, host: FakeHost) -> None:
    host.sources["one"] = None
    with pytest.raises(SecopsError, match="one cannot be read"):
        planned(tmp_path)


def test_without_its_source_names_and_times_are_compared(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    filled.sources["one"] = None
    made = planned(tmp_path, tolerant=True)
    assert states(made) == {"A": "unchanged", "B": "unchanged", "C": "unchanged"}
    assert "3 values compared by names and times only: one cannot be read." in made.limits
    filled.write(LOCKER, "A", b"theirs")
    del filled.stored[LOCKER]["B"]
    made = planned(tmp_path, tolerant=True)
    assert states(made) == {"A": "drifted", "B": "create", "C": "unchanged"}
    assert made.empty


def test_only_what_we_wrote_and_nobody_declares_is_removed(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    filled.write(LOCKER, "THEIRS", b"theirs")
    fewer = DECLARED.replace("[A, B]", "[A]")
    made = planned(tmp_path, fewer)
    assert states(made) == {"A": "unchanged", "B": "unmanaged", "C": "unchanged", "THEIRS": "unmanaged"}
    assert made.empty
    assert (run.check(made), run.check(made, strict=True)) == (ExitCode.OK, ExitCode.FINDINGS)
    made = planned(tmp_path, fewer, prune=True)
    assert [item.name for item in made.removals] == ["B"]
    person = Person("acme/other")
    with pytest.raises(RefusedError):
        run.apply(made, request_for(tmp_path, fewer), respondent=person)
    assert "Type acme/shop to remove it" in person.asked[0]
    outcome = applied(tmp_path, fewer, prune=True)
    assert [item.name for item in outcome.removed] == ["B"]
    assert sorted(filled.stored[LOCKER]) == ["A", "THEIRS"]
    assert (LOCKER, "B") not in PublishedRecord(str(tmp_path / ".git" / "secops")).read()


def test_what_others_have_written_since_is_not_removed(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    filled.write(LOCKER, "B", b"theirs")
    filled.write(BOARD, "C", b"theirs")
    made = planned(
        tmp_path,
        "sync: {repositories: [acme/shop], environments: {production: {source: {shelf: "
        "one}, sinks: [locker], secrets: [A], variables: [D]}}}",
        prune=True,
    )
    assert made.removals == ()
    assert reason(made, "B") == "not declared any more; we wrote it, and somebody else has since"


def test_what_another_environment_declares_is_managed(tmp_path: Path, filled: FakeHost) -> None:
    both = DECLARED.replace("sinks: [locker]", "sinks: ['locker:shared']") + (
        "    staging: {source: {shelf: one}, sinks: ['locker:shared'], secrets: [S]}\n"
    )
    filled.sources["one"] = {"A": b"1", "B": b"2", "C": b"3", "S": b"4"}
    applied(tmp_path, both)
    made = planned(tmp_path, both, prune=True, environments=("staging",))
    assert states(made) == {"S": "unchanged"}


def test_what_another_declaration_wrote_is_not_ours(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    fewer = DECLARED.replace("[A, B]", "[A]")
    request = request_for(tmp_path, fewer, prune=True)
    other = replace(request, config=request.config._replace(file=None))
    made = run.plan(other, sinks=surroundings_of(tmp_path))
    assert made.removals == ()
    assert reason(made, "B") == "not declared here; written by .secops.yaml"


def test_two_values_for_one_name_are_refused(tmp_path: Path, filled: FakeHost) -> None:
    both = DECLARED.replace("sinks: [locker]", "sinks: ['locker:shared']") + (
        "    staging: {source: {shelf: two}, sinks: ['locker:shared'], secrets: [a]}\n"
    )
    filled.sources["two"] = {"a": b"another"}
    with pytest.raises(ConfigError, match="is declared with two values: by production/A from one:A and by s"):
        planned(tmp_path, both)
    filled.sources["two"] = {"a": b"first"}
    assert states(planned(tmp_path, both)) == {"A": "create", "B": "create", "C": "create"}


def test_given_values_take_the_place_of_those_of_sources(tmp_path: Path, filled: FakeHost) -> None:
    filled.sources["one"] = None
    outcome = applied(tmp_path, names=("A",), given={("production", "A"): SecretValue(b"rotated")})
    assert (outcome.code, filled.value(LOCKER, "A")) == (ExitCode.OK, b"rotated")
    assert not [call for call in filled.calls if call[0] == "read"]


@pytest.mark.parametrize(("ends", "kept"), [("keep", b"a\r\nb\r\n"), ("lf", b"a\nb\n")])
def test_line_ends_are_what_the_policy_says(tmp_path: Path, filled: FakeHost, ends: str, kept: bytes) -> None:
    filled.sources["one"] = {"A": b"a\r\nb\r\n", "B": b"2", "C": b"3"}
    declared = DECLARED.replace("sync:", f"sync:\n  line_ends: {ends}")
    applied(tmp_path, declared)
    assert filled.value(LOCKER, "A") == kept
    assert planned(tmp_path, declared).empty


def test_a_place_is_made_where_something_is_written(tmp_path: Path, filled: FakeHost) -> None:
    filled.missing = {LOCKER, BOARD}
    made = planned(tmp_path)
    assert [sink.address for sink in made.makes] == [LOCKER, BOARD]
    person = Person("y")
    outcome = run.apply(made, request_for(tmp_path, DECLARED), respondent=person)
    assert "and make fake acme/shop production secret" in person.asked[0]
    assert (outcome.code, outcome.made) == (ExitCode.OK, (LOCKER, BOARD))
    filled.sources["one"] = {}
    filled.missing = {LOCKER}
    filled.stored.clear()
    assert planned(tmp_path).makes == ()


def test_without_consent_nothing_is_changed(tmp_path: Path, filled: FakeHost) -> None:
    request = request_for(tmp_path, DECLARED)
    made = run.plan(request, sinks=surroundings_of(tmp_path))
    with pytest.raises(UsageError, match="nobody is here"):
        run.apply(made, request)
    with pytest.raises(RefusedError, match="declined"):
        run.apply(made, request, respondent=Person("n"))
    assert filled.stored == {}


def test_what_fails_does_not_keep_the_rest_back(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails["A"] = GitHubError("the host does not like A", status=422)
    outcome = applied(tmp_path)
    assert (outcome.code, outcome.resumable) == (ExitCode.INCOMPLETE, True)
    assert [failure.item.name for failure in outcome.failures] == ["A"]
    assert [item.name for item in outcome.written] == ["B", "C"]
    filled.fails.clear()
    assert states(planned(tmp_path)) == {"A": "create", "B": "unchanged", "C": "unchanged"}
    request = request_for(tmp_path, DECLARED)
    outcome = run.resume(request, sinks=surroundings_of(tmp_path))
    assert (outcome.code, [item.name for item in outcome.written]) == (ExitCode.OK, ["A"])
    with pytest.raises(UsageError, match="no sync is waiting"):
        run.resume(request, sinks=surroundings_of(tmp_path))


def test_a_token_that_is_refused_is_tried_once(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails = dict.fromkeys("ABC", GitHubError("bad token", status=401))
    outcome = applied(tmp_path)
    assert outcome.code is ExitCode.OPERATION
    assert not outcome.resumable
    assert len([call for call in filled.calls if call[0] == "put"]) == 1
    assert len(outcome.failures) + len(outcome.untried) == 3


def test_a_source_that_changed_is_a_new_plan(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails["B"] = SecopsError("the line is down")
    applied(tmp_path)
    filled.fails.clear()
    filled.sources["one"] = {"A": b"first", "B": b"another", "C": b"third"}
    request = request_for(tmp_path, DECLARED)
    with pytest.raises(UsageError, match="nobody is here"):
        run.resume(request, sinks=surroundings_of(tmp_path))
    person = Person("y")
    outcome = run.resume(request, sinks=surroundings_of(tmp_path), respondent=person)
    assert (outcome.code, filled.value(LOCKER, "B")) == (ExitCode.OK, b"another")
    assert len(person.asked) == 1


def test_a_write_whose_answer_was_lost_is_ours(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails["A"] = SecopsError("the line is down")
    applied(tmp_path)
    filled.write(LOCKER, "A", b"first")  # it had got there
    filled.fails.clear()
    made = planned(tmp_path)
    assert states(made)["A"] == "update"
    assert any("A run did not end" in limit for limit in made.limits)
    assert run.abort(request_for(tmp_path, DECLARED).state_dir) == 1
    assert states(planned(tmp_path))["A"] == "unknown"


def test_a_narrower_run_keeps_the_journal_of_a_wider_one(tmp_path: Path, filled: FakeHost) -> None:
    filled.fails["A"] = SecopsError("the line is down")
    applied(tmp_path)
    filled.sources["one"] = {"A": b"first", "B": b"changed", "C": b"third"}
    assert applied(tmp_path, names=("B",)).code is ExitCode.OK
    filled.fails.clear()
    outcome = run.resume(request_for(tmp_path, DECLARED), sinks=surroundings_of(tmp_path))
    assert [item.name for item in outcome.written] == ["A"]


def test_a_sink_that_cannot_be_reached_is_told(tmp_path: Path, filled: FakeHost) -> None:
    two = DECLARED.replace("[acme/shop]", "[acme/shop, acme/gone]")
    gone = "fake acme/gone production secret"
    filled.unreachable[gone] = SecopsError("gone")
    made = planned(tmp_path, two)
    assert [sink.address for sink in made.unreachable] == [gone]
    assert run.check(made) is ExitCode.OPERATION
    outcome = applied(tmp_path, two)
    assert (outcome.code, outcome.resumable) == (ExitCode.OPERATION, False), "no journal is left of it"
    assert applied(tmp_path, two).code is ExitCode.OPERATION  # nothing else was left to do
    filled.unreachable = dict.fromkeys((gone, LOCKER), SecopsError("all gone"))
    with pytest.raises(SecopsError, match="all gone"):
        planned(tmp_path, two.replace("variables: {C: {}}", ""))


def test_many_repositories_are_told_in_the_order_of_the_declaration(tmp_path: Path, filled: FakeHost) -> None:
    names = [f"acme/r{number}" for number in range(12)]
    many = DECLARED.replace("[acme/shop]", f"[{', '.join(names)}]")
    outcome = applied(tmp_path, many)
    assert len(outcome.written) == outcome.confirmed == 36
    assert [item.repository for item in outcome.written if item.name == "A"] == names
    assert planned(tmp_path, many).empty


def test_what_somebody_writes_at_the_same_time_is_told(
    tmp_path: Path, filled: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_for(tmp_path, DECLARED, names=("A",))
    made = run.plan(request, sinks=surroundings_of(tmp_path))
    put = type(made.items[0].sink).put

    def and_they_too(sink: Any, name: str, value: SecretValue) -> datetime | None:
        when: datetime | None = put(sink, name, value)
        filled.write(LOCKER, "A", b"theirs")
        return when

    monkeypatch.setattr(type(made.items[0].sink), "put", and_they_too)
    outcome = run.apply(made, request, consented=True)
    assert (outcome.code, outcome.confirmed) == (ExitCode.OK, 0)
    assert outcome.remarks == (f"A in {LOCKER}: somebody has written it again since we did.",)
    monkeypatch.undo()


def test_a_write_that_is_not_seen_is_a_failure(tmp_path: Path, filled: FakeHost) -> None:
    request = request_for(tmp_path, DECLARED, names=("A",))
    made = run.plan(request, sinks=surroundings_of(tmp_path))
    sink = made.items[0].sink
    forgetful = replace(made, items=(replace(made.items[0], sink=_Forgetful(sink)),))
    outcome = run.apply(forgetful, request, consented=True)
    assert (outcome.code, outcome.resumable) == (ExitCode.OPERATION, False)
    assert "does not list it" in str(outcome.failures[0].error)


class _Forgetful:
    """A sink that takes a value and does not keep it."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sink, name)

    def put(self, name: str, value: SecretValue) -> datetime:
        return datetime.now(UTC)


def test_times_come_from_the_host(tmp_path: Path, filled: FakeHost) -> None:
    filled.tells_time = False  # the answer to a write says nothing, the list does
    applied(tmp_path)
    facts = PublishedRecord(str(tmp_path / ".git" / "secops")).read()
    assert facts[LOCKER, "A"].at == filled.stored[LOCKER]["A"][1]
    assert facts[LOCKER, "A"].by == ".secops.yaml"
    filled.write(LOCKER, "A", b"theirs")
    assert states(planned(tmp_path))["A"] == "drifted"


def test_outside_of_a_repository_nothing_is_remembered(tmp_path: Path, filled: FakeHost) -> None:
    outcome = applied(tmp_path, root=None, state_dir=None)
    assert outcome.code is ExitCode.OK
    made = planned(tmp_path, root=None, state_dir=None)
    assert states(made) == {"A": "unknown", "B": "unknown", "C": "unchanged"}
    assert any("nothing is on record" in limit for limit in made.limits)
    assert not (tmp_path / ".git" / "secops").exists()


def test_names_and_environments_that_are_not_there_are_told(tmp_path: Path, filled: FakeHost) -> None:
    with pytest.raises(UsageError, match="NOPE is neither declared"):
        planned(tmp_path, names=("NOPE",))
    with pytest.raises(UsageError, match="no environment 'nope' is declared"):
        planned(tmp_path, environments=("nope",))


def test_a_sink_that_is_no_longer_declared_is_told(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    moved = DECLARED.replace("acme/shop", "acme/moved")
    limits = planned(tmp_path, moved).limits
    assert any(limit.startswith(f"{LOCKER}: 2 names of ours") for limit in limits)


def test_only_what_concerns_the_request_is_told(tmp_path: Path, filled: FakeHost) -> None:
    """Neither of the other environment, nor of names that are not asked for."""
    both = DECLARED + "    other: {source: {shelf: one}, secrets: [NOWHERE]}\n"
    told = "other: NOWHERE: declared without `sinks`, so brought nowhere."
    assert told in planned(tmp_path, both).limits
    assert told in planned(tmp_path, both, environments=("other",)).limits
    assert told not in planned(tmp_path, both, environments=("production",)).limits
    assert told not in planned(tmp_path, both, names=("A",)).limits
    applied(tmp_path)
    moved = DECLARED.replace("acme/shop", "acme/moved")
    gone = f"{LOCKER}: 1 name of ours"
    assert any(limit.startswith(gone) for limit in planned(tmp_path, moved, names=("A",)).limits)
    assert not any(
        limit.startswith(LOCKER) for limit in planned(tmp_path, moved, environments=("production",)).limits
    )


def test_no_sinks_may_be_a_decision(tmp_path: Path, filled: FakeHost) -> None:
    """`sinks: []` says that a name stays where it is; it is not told each time."""
    kept = DECLARED + "    local: {source: {shelf: one}, sinks: [], secrets: [HERE]}\n"
    assert not any("without `sinks`" in limit for limit in planned(tmp_path, kept).limits)
    own = kept.replace("sinks: [], secrets: [HERE]", "secrets: {HERE: {sinks: []}, AWAY: {}}")
    assert [limit for limit in planned(tmp_path, own).limits if "without `sinks`" in limit] == [
        "local: AWAY: declared without `sinks`, so brought nowhere."
    ]


def test_states_are_those_of_the_model() -> None:
    assert {state.value for state in SyncState} == {
        "create",
        "update",
        "unchanged",
        "drifted",
        "stale",
        "missing",
        "unmanaged",
        "unknown",
    }


BOTH_IN_A_FILE = """
sync:
  environments:
    dev: {source: {shelf: one}, sinks: ["dotenv:.env.local"], secrets: [A], variables: [C]}
"""


def test_a_file_is_one_sink_whichever_kinds_it_holds(tmp_path: Path, filled: FakeHost) -> None:
    assert applied(tmp_path, BOTH_IN_A_FILE).confirmed == 2
    before = (tmp_path / ".env.local").read_bytes()
    again = planned(tmp_path, BOTH_IN_A_FILE, prune=True)
    assert states(again) == {"A": "unchanged", "C": "unchanged"}
    assert run.check(again, strict=True) is ExitCode.OK
    assert applied(tmp_path, BOTH_IN_A_FILE, prune=True).removed == ()
    assert (tmp_path / ".env.local").read_bytes() == before
    fewer = BOTH_IN_A_FILE.replace("variables: [C]", "variables: []")
    assert [item.name for item in applied(tmp_path, fewer, prune=True).removed] == ["C"]


def test_a_secret_and_a_variable_of_one_name_in_one_file_are_two_values(
    tmp_path: Path, filled: FakeHost
) -> None:
    both = BOTH_IN_A_FILE.replace("variables: [C]", "variables: []") + (
        '    ci: {source: {shelf: two}, sinks: ["dotenv:./.env.local"], variables: [A]}\n'
    )
    filled.sources["two"] = {"A": b"another"}
    with pytest.raises(ConfigError, match=r"A in dotenv \.env\.local is declared with two values"):
        planned(tmp_path, both)
    filled.sources["two"] = {"A": b"first"}
    assert states(planned(tmp_path, both)) == {"A": "create"}


@pytest.mark.parametrize(
    "source", ["{file: key.pem}", "environment", "{ini: [shop.conf, options]}", "{dotenv: .env}", "stdin"]
)
def test_a_look_needs_no_sources(tmp_path: Path, host: FakeHost, source: str) -> None:
    declared = f"sync: {{environments: {{ci: {{source: {source}, sinks: [locker], secrets: [A]}}}}}}"
    address = "fake ci secret"
    given = {("ci", "A"): SecretValue(b"first")}
    assert applied(tmp_path, declared, given=given).code is ExitCode.OK
    made = planned(tmp_path, declared, tolerant=True)
    assert states(made) == {"A": "unchanged"}
    assert run.check(made) is ExitCode.OK
    assert any("1 value compared by names and times only" in limit for limit in made.limits)
    host.write(address, "A", b"theirs")
    assert states(planned(tmp_path, declared, tolerant=True)) == {"A": "drifted"}
    del host.stored[address]["A"]
    assert run.check(planned(tmp_path, declared, tolerant=True)) is ExitCode.FINDINGS


def test_a_source_that_is_there_and_lacks_a_name_says_so(tmp_path: Path, host: FakeHost) -> None:
    declared = "sync: {environments: {ci: {source: {dotenv: .env}, sinks: [locker], secrets: [A]}}}"
    (tmp_path / ".env").write_text("B=b\n")
    assert states(planned(tmp_path, declared, tolerant=True)) == {"A": "missing"}


def test_sinks_of_one_call_say_nothing_of_the_declared_ones(tmp_path: Path, filled: FakeHost) -> None:
    applied(tmp_path)
    moved = DECLARED.replace("acme/shop", "acme/other")
    assert not any("no declared sink" in limit for limit in planned(tmp_path, moved, overridden=True).limits)
    assert any("no declared sink" in limit for limit in planned(tmp_path, moved).limits)


class Slow(Person):
    """A person in whose time to think somebody else is at work."""

    def __init__(self, answer: str, theirs: Any) -> None:
        super().__init__(answer)
        self.theirs = theirs

    def agrees(self, question: str) -> bool:
        self.theirs()
        return super().agrees(question)

    def types(self, prompt: str) -> str:
        self.theirs()
        return super().types(prompt)


def test_what_others_write_while_somebody_is_asked_stays(tmp_path: Path, filled: FakeHost) -> None:
    request = request_for(tmp_path, DECLARED)
    made = run.plan(request, sinks=surroundings_of(tmp_path))
    person = Slow("y", lambda: filled.write(LOCKER, "A", b"theirs"))
    with pytest.raises(RefusedError, match="somebody else has written 1 name while you were asked: A"):
        run.apply(made, request, respondent=person)
    assert filled.stored == {LOCKER: {"A": filled.stored[LOCKER]["A"]}}
    assert filled.value(LOCKER, "A") == b"theirs"
    applied(tmp_path)
    fewer = request_for(tmp_path, DECLARED.replace("[A, B]", "[A]"), prune=True)
    made = run.plan(fewer, sinks=surroundings_of(tmp_path))
    with pytest.raises(RefusedError, match="B"):
        run.apply(made, fewer, respondent=Slow("acme/shop", lambda: filled.write(LOCKER, "B", b"theirs")))
    assert filled.value(LOCKER, "B") == b"theirs"


def test_a_file_that_changed_while_somebody_was_asked_stays(tmp_path: Path, filled: FakeHost) -> None:
    """A file tells no times, so its values are compared."""
    applied(tmp_path, BOTH_IN_A_FILE)
    filled.sources["one"] = {"A": b"changed", "C": b"third"}
    request = request_for(tmp_path, BOTH_IN_A_FILE)
    made = run.plan(request, sinks=surroundings_of(tmp_path))
    file = tmp_path / ".env.local"
    with pytest.raises(RefusedError):
        run.apply(made, request, respondent=Slow("y", lambda: file.write_text("A=theirs\nC=third\n")))
    assert file.read_text() == "A=theirs\nC=third\n"


def test_a_sink_that_is_gone_when_somebody_has_answered_gets_nothing(
    tmp_path: Path, filled: FakeHost
) -> None:
    request = request_for(tmp_path, DECLARED)
    made = run.plan(request, sinks=surroundings_of(tmp_path))
    filled.unreachable[LOCKER] = SecopsError("gone")
    with pytest.raises(SecopsError, match="gone"):
        run.apply(made, request, respondent=Person("y"))
    assert filled.stored == {}


def test_more_names_than_a_sink_takes_are_told_beforehand(tmp_path: Path, filled: FakeHost) -> None:
    filled.most = 2
    assert applied(tmp_path).code is ExitCode.OK
    more = DECLARED.replace("[A, B]", "[A, B, D]")
    filled.sources["one"] = {"A": b"first", "B": b"second", "C": b"third", "D": b"fourth"}
    with pytest.raises(ConfigError, match=f"{LOCKER}: would hold 3 names, and takes 2 at most"):
        planned(tmp_path, more)
    assert states(planned(tmp_path)) == {"A": "unchanged", "B": "unchanged", "C": "unchanged"}
