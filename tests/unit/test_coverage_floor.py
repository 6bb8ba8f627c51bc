"""The verdict on a measured test run: `support.coverage_floor`, held against records made up here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from support import coverage_floor
from support.coverage_floor import below_floor, lines_of_functions, untested

MODULE = '''\
"""A module."""

LIMIT = 3


def double(number):
    """Twice."""
    return number * 2


class Box:
    size = 1

    def grow(self):
        self.size += 1
'''


class Records:
    """What coverage.py knows, as far as the verdict asks."""

    def __init__(self, missing: list[int]) -> None:
        self.missing = missing

    def analysis2(self, _: str) -> tuple[str, list[int], list[int], list[int], str]:
        return "", [3, 6, 8, 11, 12, 14, 15], [], self.missing, ""

    def get_option(self, name: str) -> float:
        assert name == "report:fail_under"
        return 90.0


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "src" / "box.py"
    path.parent.mkdir()
    path.write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(coverage_floor, "ROOT", tmp_path)
    return path


def faults(missing: list[int]) -> list[str]:
    return list(untested(cast(Any, Records(missing))))


def test_lines_of_functions(module: Path) -> None:
    assert lines_of_functions(module) == {7, 8, 15}


def test_a_module_that_is_only_imported_is_untested(module: Path) -> None:
    (fault,) = faults([8, 15])
    assert fault.startswith("FAILED: src/box.py is untested")


def test_one_line_of_a_function_is_a_test(module: Path) -> None:
    assert faults([15]) == []


def test_a_module_that_nothing_imports_is_untested(module: Path) -> None:
    assert len(faults([3, 6, 8, 11, 12, 14, 15])) == 1


def test_a_module_without_functions_is_tested_by_its_import(module: Path) -> None:
    module.write_text("LIMIT = 3\n", encoding="utf-8")
    assert faults([6, 8, 11, 12, 14, 15]) == []


@pytest.mark.parametrize(("total", "fails"), [(89.99, True), (90.0, False)])
def test_the_floor(total: float, fails: bool) -> None:
    assert bool(list(below_floor(cast(Any, Records([])), total))) is fails
