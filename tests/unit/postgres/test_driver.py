"""psycopg, imported lightly: little is loaded, and what others then import is whole."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from support.cli import UNMEASURED, run

_UNRUN = "asyncio.base_events", "ctypes.wintypes", "_ctypes", "_ssl", "importlib.metadata", "email"


def after_import(*lines: str) -> str:
    """What a new interpreter prints after it has imported psycopg, and then done `lines`."""
    program = "\n".join(("import sys", "from secopskit.postgres.driver import psycopg, pq", *lines))
    outcome = run(sys.executable, "-c", program, cwd=Path.cwd(), env=UNMEASURED)
    assert outcome.code == 0, outcome.err
    return outcome.out.strip()


def test_what_psycopg_does_not_need_is_not_run() -> None:
    assert after_import(f"print([name for name in {_UNRUN} if name in sys.modules])") == "[]"


def test_versions_are_those_of_the_packages() -> None:
    known = [metadata.version("psycopg"), metadata.version("psycopg-binary")]
    assert after_import(
        "import psycopg_binary", "print([psycopg.__version__, psycopg_binary.__version__])"
    ) == str(known)


@pytest.mark.parametrize(
    ("lines", "printed"),
    [
        (
            ("import asyncio", "async def f(): await asyncio.sleep(0); return 7", "print(asyncio.run(f()))"),
            "7",
        ),
        (
            (
                "from asyncio import CancelledError as e",
                "import asyncio.exceptions as x",
                "print(e is x.CancelledError)",
            ),
            "True",
        ),
        (("from asyncio import *", "print(Runner.__module__)"), "asyncio.runners"),
        (
            (
                "import asyncio.base_events as b",
                "import asyncio",
                "print(asyncio.BaseEventLoop is b.BaseEventLoop)",
            ),
            "True",
        ),
        (("import ssl", "print(ssl.create_default_context().verify_mode.name)"), "CERT_REQUIRED"),
        (("from ssl import SSLContext", "import ssl", "print(ssl.SSLContext is SSLContext)"), "True"),
        (("import ctypes", "print(ctypes.c_int(3).value, type(ctypes).__name__)"), "3 module"),
        (("import ctypes.util as u", "print(callable(u.find_library))"), "True"),
        (
            ("from importlib import metadata as m", "print(type(m).__name__, m.version('psycopg') > '3')"),
            "module True",
        ),
        (("import ssl", "try: ssl.nonsense", "except AttributeError: print('none')"), "none"),
    ],
)
def test_who_imports_it_later_has_the_real_module(lines: tuple[str, ...], printed: str) -> None:
    assert after_import(*lines) == printed


def test_threads_that_ask_at_once_all_have_the_real_module() -> None:
    assert (
        after_import(
            "from concurrent.futures import ThreadPoolExecutor",
            "import asyncio",
            "with ThreadPoolExecutor(8) as pool:",
            "    print(len(set(pool.map(lambda _: asyncio.run, range(64)))))",
        )
        == "1"
    )


def test_a_coroutine_of_psycopg_is_cancelled_as_ever() -> None:
    assert (
        after_import(
            "import asyncio",
            "print(asyncio.CancelledError in psycopg.errors._NO_TRACEBACK)",
        )
        == "True"
    )
