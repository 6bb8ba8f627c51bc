"""Units and outcomes cross between processes as lines, whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.fleet.model import (
    FleetRepository,
    Outcome,
    OutcomeKind,
    RepositoryKind,
    ScanLabel,
    UnitLimits,
    WorkUnit,
    pack_outcome,
    pack_unit,
    unpack_outcome,
    unpack_unit,
)

_NUMBERS = st.integers(0, 2**50)
_LABELS = st.builds(ScanLabel, st.text(), st.text(), st.text())
_UNITS = st.builds(
    WorkUnit,
    _NUMBERS,
    st.builds(
        FleetRepository,
        st.text(),
        st.sampled_from(RepositoryKind),
        st.text(),
        st.text(),
        _NUMBERS,
        st.text(),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(UnitLimits, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS),
    _LABELS,
    st.booleans(),
    st.text(),
)
_OUTCOMES = st.builds(
    Outcome,
    _NUMBERS,
    st.sampled_from(OutcomeKind),
    st.text(),
    st.text(),
    st.floats(0, 1e9),
    _LABELS,
    st.binary(),
    st.text(),
)


@given(_UNITS)
def test_a_unit_arrives_as_it_was_sent(unit: WorkUnit) -> None:
    line = pack_unit(unit)
    assert "\n" not in line
    assert unpack_unit(line.encode()) == unit


@given(_OUTCOMES)
def test_an_outcome_arrives_as_it_was_sent(outcome: Outcome) -> None:
    line = pack_outcome(outcome)
    assert "\n" not in line
    assert unpack_outcome(line) == outcome


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b"null", b"[1, 2", b'"x"'])
def test_what_is_no_outcome_is_told(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|not what a worker says|delimiter"):
        unpack_outcome(line)
