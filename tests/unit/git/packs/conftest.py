"""Tests of the compiled part; without it (no compiler, no Cython) there is nothing to test."""

from __future__ import annotations

from secopskit.git.packs.available import can_read_packs

collect_ignore_glob = [] if can_read_packs() else ["test_*.py"]
