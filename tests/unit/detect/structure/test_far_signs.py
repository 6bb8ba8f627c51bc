"""Signs by which something lies far from what tells of it: they stand wherever their readers look for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.detect.engine import hyperscan_installed
from secopskit.detect.structure.signs import KINDS, ROWS, any_of
from secopskit.findings import Blob
from secopskit.formats.tables import sql_rows
from secopskit.scan.content.detectors import ALL_SIGNS, DetectorOptions, Detectors
from support.cli import rules_cache
from support.values import alnum

_SIGN = re.compile(any_of([ROWS]).encode())
_BLANKS = st.text(" \t\n", min_size=1, max_size=9)
_NAMES = st.text('aZ_0.`"[]-', min_size=1, max_size=12)
_STATEMENTS = st.one_of(
    st.tuples(
        st.sampled_from(["INSERT", "replace", "Update"]),
        st.sampled_from(["", " ignore", "\tInto", " IGNORE  INTO"]),
        _BLANKS,
        _NAMES,
        st.sampled_from(["", " ", "\n"]),
        st.sampled_from(["(a, b) values (", "(a)\noverriding system value values(", "('", "(", ""]),
    ),
    st.tuples(
        st.sampled_from(["UPDATE", "insert"]),
        _BLANKS,
        _NAMES,
        st.sampled_from([" ", "\n", " as x "]),
        st.sampled_from(["SET a = ", "set  [a]\n=", "set", "setting a ="]),
    ),
    st.tuples(
        st.just("COPY"),
        st.sampled_from([" ", "\t "]),
        _NAMES,
        st.sampled_from(["", " "]),
        st.just("(a) FROM stdin"),
    ),
)


@given(st.lists(st.one_of(_STATEMENTS, st.tuples(st.text("\n ;#x"))), max_size=4))
def test_where_rows_may_stand_their_sign_does(parts: list[tuple[str, ...]]) -> None:
    data = "".join("".join(part) for part in parts).encode()
    if sql_rows.may_stand(data):
        assert _SIGN.search(data)


@pytest.mark.skipif(not hyperscan_installed(), reason="the other engine does not tell of all signs")
@pytest.mark.parametrize("lines", [0, 40])
def test_a_row_far_from_its_columns_is_found(lines: int) -> None:
    value = alnum(24)
    rows = "".join(f"  ('user{number}', NULL),\n" for number in range(lines))
    script = f"psql <<<\"INSERT INTO users (login, password) VALUES\n{rows}  ('admin', '{value}');\"\n"
    detectors = Detectors.open(DetectorOptions(cache=str(rules_cache())))
    found = list(detectors.examine(Blob(path="seed.sh", data=script.encode())))
    assert [one.secret.reveal() for one in found if one.secret] == [value.encode()]


@pytest.mark.skipif(not hyperscan_installed(), reason="the other engine does not tell of all signs")
def test_no_file_is_looked_at_for_them_alone() -> None:
    detectors = Detectors.open(DetectorOptions(cache=str(rules_cache())))
    hits = detectors.ruleset.prefilter.scan(b"INSERT INTO users (login, mail) VALUES ('a', 'b')\n")
    first = detectors.ruleset.anchors.hint
    assert [number - first for number, _ in hits] == [KINDS.index((ROWS,)) + 1]
    assert detectors.signs_among({number for number, _ in hits}) == 0
    assert detectors.signs_among(set(), kinds=1 << hits[0][0] - first) == 0
    assert detectors.signs_among({first}) & ALL_SIGNS == 1
