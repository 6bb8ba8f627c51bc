"""Repositories that are hardened in tests: what is known of them is handed in, and nobody is asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from secopskit.findings import Finding
from secopskit.harden import run
from secopskit.harden.project import HardenHost, HardenProject, HardenRequest, HardenSurroundings
from secopskit.hooks.script import Interpreter


def project_at(
    path: Path,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = ("hook",),
    hosts: tuple[HardenHost, ...] = (HardenHost.GITHUB,),
    findings: Sequence[Finding] = (),
) -> HardenProject:
    """The project at `path`, read anew. Without the hook, unless it is asked for."""
    return HardenProject.open(
        str(path),
        HardenRequest(
            hosts=hosts, only=frozenset(only), skip=frozenset() if "hook" in only else frozenset(skip)
        ),
        HardenSurroundings(
            findings=lambda: findings,
            interpreter=lambda: Interpreter(path=sys.executable, flag="-P"),
            today=date(2026, 1, 2),
        ),
    )


def harden(path: Path, *only: str) -> tuple[str, ...]:
    """Do what the steps propose; the files that were changed."""
    project = project_at(path, only=only)
    return run.apply(project, run.plan(project)).changed


def snapshot(path: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of the work tree with its mode."""
    files = (each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
    return {
        str(each.relative_to(path)): (each.read_bytes(), each.stat().st_mode)
        for each in files
        if ".git" not in each.relative_to(path).parts
    }
