"""Properties of syncs: an applied plan leaves nothing to do, and what others wrote stays."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secopskit.errors import ExitCode, SecopsError
from secopskit.sync import run
from secopskit.sync.model import SyncState
from support.sync import HOSTS, FakeHost, request_for, surroundings_of

NAMES = ("A", "B", "C", "D")
SECRETS, VARIABLES = "fake acme/shop production secret", "fake acme/shop production variable"
_values = st.sampled_from((b"one", b"two", b"three\r\n", b""))
_sources = st.dictionaries(st.sampled_from(NAMES), _values)
_declared = st.tuples(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
_foreign = st.tuples(st.sampled_from((SECRETS, VARIABLES)), st.sampled_from((*NAMES, "THEIRS")), _values)
_failing = st.sets(st.sampled_from(NAMES))
_steps = st.lists(st.tuples(_declared, _sources, st.lists(_foreign, max_size=2), _failing), max_size=5)


def declaration(declared: tuple[set[str], set[str]]) -> str:
    """A declaration of secrets and variables; a name is one or the other."""
    secrets, variables = declared[0], declared[1] - declared[0]
    return (
        "sync: {repositories: [acme/shop], environments: {production: {source: {shelf: one}, "
        f"sinks: [locker], secrets: [{', '.join(sorted(secrets))}], "
        f"variables: [{', '.join(sorted(variables))}]}}}}}}\n"
    )


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps, last=st.tuples(_declared, _sources))
def test_any_history_ends_in_a_plan_without_work(
    steps: list[tuple[tuple[set[str], set[str]], dict[str, bytes], list[tuple[str, str, bytes]], set[str]]],
    last: tuple[tuple[set[str], set[str]], dict[str, bytes]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        HOSTS[directory] = host = FakeHost()
        theirs: dict[tuple[str, str], bytes] = {}
        for declared, source, foreign, failing in steps:
            for address, name, value in foreign:
                host.write(address, name, value)
                theirs[address, name] = value
            host.fails = {name: SecopsError("the line is down") for name in failing}
            _apply(root, host, declared, source, theirs, prune=True)
        host.fails = {}
        _apply(root, host, *last, theirs, prune=True)
        again = run.plan(request_for(root, declaration(last[0]), prune=True), sinks=surroundings_of(root))
        assert again.empty
        assert {item.state for item in again.items} <= {
            SyncState.UNCHANGED,
            SyncState.MISSING,
            SyncState.UNMANAGED,
        }
        for (address, name), value in theirs.items():
            assert host.value(address, name) == value, "what others wrote was removed or overwritten unasked"
        del HOSTS[directory]


def _apply(
    root: Path,
    host: FakeHost,
    declared: tuple[set[str], set[str]],
    source: dict[str, bytes],
    theirs: dict[tuple[str, str], bytes],
    *,
    prune: bool,
) -> None:
    """Apply a declaration. What it writes over something of theirs is ours from then on."""
    host.sources["one"] = dict(source)
    request = request_for(root, declaration(declared), prune=prune)
    plan = run.plan(request, sinks=surroundings_of(root))
    assert all(item.owned for item in plan.removals)
    outcome = run.apply(plan, request, consented=True)
    for item in outcome.written:
        assert item.value is not None
        assert host.value(item.sink.address, item.name) == item.value.reveal()
        theirs.pop((item.sink.address, item.name), None)
    for item in outcome.removed:
        assert item.name not in host.stored.get(item.sink.address, {})
        assert (item.sink.address, item.name) not in theirs
    assert outcome.code in {ExitCode.OK, ExitCode.FINDINGS, ExitCode.INCOMPLETE, ExitCode.OPERATION}
