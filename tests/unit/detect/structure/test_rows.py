"""One row in `DETECTORS` is all that a detector needs beside its module: no other list can leave it out."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.detect.engine import hyperscan_installed
from secopskit.detect.structure import DETECTORS, HINTS, FormatDetector, rows_for_path
from secopskit.purge.values.wellformed import Wellformed
from support.cli import ROOT, SOURCE, environment, run

MODULE = '''
"""Toy files: `whisper VALUE`."""

from secopskit.findings import Match, Span
from secopskit.secret import SecretValue


def detect(blob):
    at = blob.data.find(b"whisper ") + 8
    if at >= 8:
        yield Match(rule_id="toy-secret", span=Span(at, at + 4), secret=SecretValue(blob.data[at : at + 4]))
'''
ROW = '    FormatDetector("toy", "toy", "toyfile", signs=(r"whisper ",)),\n'
RULE = """
vendor: Toy
rules:
  - {id: toy-secret, kind: structure, title: Toy, severity: high, confidence: high, remediation: Break it.}
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with a toy detector: a module, a row, and its rule."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(
        SOURCE / "secopskit", root / "src" / "secopskit", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "rules", root / "rules")
    (root / "rules" / "toy.yml").write_text(RULE)
    room = root / "src" / "secopskit" / "detect" / "structure"
    (room / "toy.py").write_text(MODULE)
    table = (room / "table.py").read_text()
    begin = "DETECTORS: Final = (\n"
    assert begin in table
    (room / "table.py").write_text(table.replace(begin, begin + ROW))
    return root


ENGINES = ("re", *(("hyperscan",) if hyperscan_installed() else ()))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_detector_added_by_one_row_is_run(checkout: Path, tmp_path: Path, engine: str) -> None:
    (tmp_path / "a.toyfile").write_text("whisper abcd\n")
    (tmp_path / "b.toyfile").write_text("nothing to say\n")
    (tmp_path / "c.txt").write_text("whisper abcd\n")
    command = (sys.executable, "-m", "secopskit", "scan", ".", "--format", "json", "--engine", engine)
    outcome = run(
        *command,
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(checkout / "src"), SECOPS_CACHE_DIR=str(checkout)),
    )
    assert outcome.code == 1, outcome.err
    found = [
        (finding["rule_id"], location["path"])
        for finding in json.loads(outcome.out)["findings"]
        for location in finding["locations"]
    ]
    assert found == [("toy-secret", "a.toyfile")]


def test_every_sign_of_a_row_is_looked_for() -> None:
    for detector in DETECTORS:
        for sign in detector.signs:
            assert any(sign in hint for kind, hint in enumerate(HINTS) if detector.sign_kinds >> kind & 1)
            assert not re.search(r"\(\?[=!<]|(?<!\\)[*+]|\{\d*,\}", sign), sign  # no look-around, all bounded


def test_a_row_says_how_a_file_is_known() -> None:
    row = FormatDetector("toy", "toy", "a b", "c", marks=("d",), paths=r"(?:^|/)d\d$", unless="^x/")
    assert all(map(row.wants, ("1.a", "y/2.B", "C", "y/d1", "1.a.example")))
    assert not any(map(row.wants, ("", "c.z", "y/d", "x/1.a")))
    assert row.is_named("x/1.a")


@pytest.mark.parametrize(
    ("path", "before", "broken"),
    [
        ("a.json", b'{"a": "b"}', b'{"a": "b}'),
        ("package-lock.json", b'{"a": "b"}', b'{"a": "b}'),
        ("a.webmanifest", b'{"a": "b"}', b'{"a": "b}'),
        ("a.toml", b"a = 'b'", b"a = 'b"),
        ("a.yaml", b"a: 'b'", b"a: 'b"),
        ("a.conf", b"[a]\nb = c\n", b"[a]\nb = c\nd = e\n"),
        (".env.local", b"A=b\n", b"b\n"),
    ],
)
def test_purge_knows_a_format_by_the_same_rows(path: str, before: bytes, broken: bytes) -> None:
    assert Wellformed(before, [path]).still(before.replace(b"b", b"bb"))
    assert not Wellformed(before, [path]).still(broken)
    assert Wellformed(before, ["a.txt"]).still(broken)


SUFFIXES = sorted({suffix for row in DETECTORS for suffix in row.suffixes} | {"", "example", "gz", "exe"})
STEMS = sorted(
    {name for row in DETECTORS for name in row.names} | {"", "a", "local.settings", ".env", "Dockerfile"}
)


@given(
    folder=st.sampled_from(["", "a/", "inventory/", "etc/config/", "settings/", "node_modules/x/"]),
    stem=st.sampled_from(STEMS),
    suffixes=st.lists(st.sampled_from(SUFFIXES), max_size=2),
)
@settings(max_examples=400, deadline=None)
def test_what_is_no_candidate_wants_nothing(folder: str, stem: str, suffixes: list[str]) -> None:
    path = folder + ".".join((stem, *suffixes))
    rows = rows_for_path(path)
    assert [row for row in DETECTORS if row.wants(path)] == [row for row in rows if row.wants(path)]


def test_most_rows_are_no_candidates_for_a_source_file() -> None:
    assert len(rows_for_path("a/B.java")) < len(DETECTORS) / 2
