"""Ignore files: what they allow, and nothing more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secopskit.known.allow_comments import Allowance
from secopskit.known.ignore_file import IgnoreFile
from support.effort import costs_little

SHA = "0123456789abcdef0123456789abcdef01234567"


def test_fingerprints() -> None:
    entries = ["# comment", "", "src/a.py:generic-api-key:12", f"{SHA}:b:c.env:rule:3  ", "./d.txt:rule:1"]
    ignore = IgnoreFile.parse("\n".join([*entries, "nonsense", "x:y", ":rule:1", ""]).encode())
    assert len(ignore.places) == 3
    assert ignore.find("src/a.py", 12) == Allowance(who=".gitleaksignore")
    assert ignore.find("src/a.py", 12, commit=SHA) is not None
    assert ignore.find("src/a.py", 13) is None
    assert ignore.find("d.txt", 1) is not None


def test_a_fingerprint_with_a_commit_holds_for_that_commit() -> None:
    ignore = IgnoreFile.parse(f"{SHA}:b:c.env:rule:3".encode(), name=".betterleaksignore")
    assert ignore.find("b:c.env", 3, commit=SHA) == Allowance(who=".betterleaksignore")
    assert ignore.find("b:c.env", 3, commit=SHA[::-1]) is None
    assert ignore.find("b:c.env", 3) is None


def test_a_path_that_is_not_unicode() -> None:
    assert IgnoreFile.parse(b"\xff.env:rule:1").find("\udcff.env", 1) is not None


@given(st.binary(max_size=300))
def test_any_ignore_file(data: bytes) -> None:
    IgnoreFile.parse(data).find("a", 1)


def test_hostile_ignore_lines_cost_little() -> None:
    data = b":" * 500_000 + b"\n" + b"a:" * 200_000 + b"1x"
    costs_little(lambda: IgnoreFile.parse(data), 1)
