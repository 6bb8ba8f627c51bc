"""What a source distribution leaves out cannot be tested there."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import ROOT

collect_ignore_glob = [] if (ROOT / "benchmarks").is_dir() else ["test_*.py"]


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the benchmarks keep what is theirs: not in this checkout."""
    from benchmarks import leaks, measure, repositories, sync

    for module in (leaks, measure, repositories, sync):
        monkeypatch.setattr(module, "WORK", tmp_path / "work")
    for module in (measure, sync):
        monkeypatch.setattr(module, "OUTPUTS", tmp_path / "work" / "output")
    return tmp_path / "work"
