"""Tests of what reads packs; without the compiled part there is nothing to test."""

from __future__ import annotations

from secopskit.git.packs.available import can_read_packs

collect_ignore_glob = [] if can_read_packs() else ["test_treelog.py"]
