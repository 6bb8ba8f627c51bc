"""Every module can be imported alone: none counts on another having been imported before it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from support.cli import SOURCE, UNMEASURED

MODULES = sorted(
    path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for path in (SOURCE / "secopskit").rglob("*.py")
    if path.name != "__main__.py"
)
# Forks of one process that has imported nothing of ours: a fresh interpreter each would take seconds.
# What others wrote, and is slow to import, stands in it already.
_ALONE = """
import importlib, os, sys
from contextlib import suppress
for name in ("click", "hyperscan", "psycopg", "rich.console", "starlette.applications", "uvicorn", "yaml"):
    with suppress(ImportError):
        importlib.import_module(name)
failed = []
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException as error:
            sys.stderr.write(f"{name}: {error!r}\\n")
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
sys.exit(1 if failed else 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_every_module_imports_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, *MODULES],
        env={**os.environ, **UNMEASURED, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(MODULES) > 50


@pytest.mark.skipif(find_spec("importlinter") is None, reason="import-linter is not installed")
def test_imports_only_go_down() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=SOURCE.parent,
        env={**os.environ, **UNMEASURED, "PYTHONPATH": str(SOURCE), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
