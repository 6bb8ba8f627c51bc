"""Every module can be imported alone: none counts on another having been imported before it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from support.cli import SOURCE, UNMEASURED

needs_linter = pytest.mark.skipif(
    find_spec("importlinter") is None or not hasattr(os, "fork"), reason="no import-linter, or no fork"
)
MODULES = sorted(
    path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for path in (SOURCE / "secopskit").rglob("*.py")
    if path.name != "__main__.py"
)
# All in one process, then those that may depend on who was first: forks of one that has imported nothing
# of ours. What others wrote, and is slow to import, stands in it already.
_IMPORTED = """
import importlib, os, sys
from contextlib import suppress
for name in ("click", "hyperscan", "psycopg", "rich.console", "starlette.applications", "uvicorn", "yaml"):
    with suppress(ImportError):
        importlib.import_module(name)
mark = sys.argv.index("--")
failed = []
for name in (*sys.argv[mark + 1 :], ""):
    child = os.fork()
    if not child:
        try:
            for each in [name] if name else sys.argv[1:mark]:
                importlib.import_module(each)
        except BaseException as error:
            sys.stderr.write(f"{name or each}: {error!r}\\n")
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
sys.exit(1 if failed else 0)
"""


def _peeled(needs: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is left when all that needs nothing of the rest is taken away, again and again."""
    left = dict(needs)
    while free := {name for name, needed in left.items() if not (needed & left.keys()) - {name}}:
        left = {name: needed for name, needed in left.items() if name not in free}
    return left


def in_cycles(needs: dict[str, set[str]]) -> list[str]:
    """The modules of import cycles, and those between two of them."""
    above = _peeled(needs)
    return sorted(_peeled({name: {other for other in above if name in above[other]} for name in above}))


@needs_linter
def test_every_module_imports_alone() -> None:
    """What is in no cycle counts on nobody before it. A package is needed by all that is in it."""
    from grimp import build_graph

    graph = build_graph("secopskit", exclude_type_checking_imports=True)
    needs = {
        name: graph.find_modules_directly_imported_by(name) | ({name.rpartition(".")[0]} - {""})
        for name in graph.modules
    }
    assert set(MODULES) <= needs.keys()
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED, *MODULES, "--", *in_cycles(needs)],
        env={**os.environ, **UNMEASURED, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_cycles_are_found() -> None:
    assert in_cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}, "e": set()}) == ["b", "c"]


@needs_linter
def test_no_module_imports_itself_through_others() -> None:
    from grimp import build_graph

    graph = build_graph("secopskit", exclude_type_checking_imports=True)
    assert not in_cycles({name: graph.find_modules_directly_imported_by(name) for name in graph.modules})


@needs_linter
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
