"""Whatever a file holds: no collector raises, none takes long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.collect import documents, dotenv, ini, manifests
from secopskit.collect.code import csharp, elixir, go, jvm, php, ruby, rust
from secopskit.collect.code.javascript import lookups as javascript
from secopskit.collect.code.python import lookups as python
from secopskit.collect.code.shell import script as shell
from secopskit.collect.interface import Collector
from secopskit.findings import Blob
from support.effort import costs_little

COLLECTORS: tuple[tuple[Collector, str], ...] = (
    (javascript.COLLECTOR, "next.config.ts"),
    (python.COLLECTOR, "a.py"),
    (go.COLLECTOR, "a.go"),
    (ruby.COLLECTOR, "a.rb"),
    (php.COLLECTOR, "a.php"),
    (jvm.COLLECTOR, "A.java"),
    (jvm.COLLECTOR, "application.yml"),
    (rust.COLLECTOR, "a.rs"),
    (csharp.COLLECTOR, "A.cs"),
    (elixir.COLLECTOR, "a.ex"),
    (shell.COLLECTOR, "a.sh"),
    (dotenv.COLLECTOR, ".env"),
    (documents.COLLECTOR, "docs/a.md"),
    (ini.COLLECTOR, "odoo.conf"),
    (manifests.COLLECTOR, "package.json"),
    (manifests.COLLECTOR, "pyproject.toml"),
    (manifests.COLLECTOR, "go.mod"),
)
PIECES = (
    *(
        "process.env",
        ".X",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        '"',
        "'",
        "`",
        "${",
        "\\",
        "//",
        "/*",
        "#",
        "\n",
        " ",
        "=",
        ",",
    ),
    *(
        "os.environ",
        ".get(",
        "getenv(",
        "ENV[",
        "def f(x):",
        "class A(BaseSettings):",
        " a: int",
        "Env(",
        "env(",
        "import *",
    ),
    *(
        "os.Getenv(",
        "env::var(",
        "System.get_env(",
        "@Value(",
        "<<EOF",
        "$A",
        "A_B",
        "z.string()",
        "||",
        "??",
        "\x00",
        "é",
    ),
)
# Beginnings without ends, which invite a search to the end of the file from each of them.
BOMBS = (
    "process.env /*",
    "process.env[",
    "os.environ '''\\",
    'os.environ["\\',
    "env = environ.Env(",
    "def f(x): os.getenv(x",
    "class A(BaseSettings):\n a: int = Field(",
    "{A_B: z.object({process.env)",
    "`${process.env",
    "=/\\process.env",
    'env::var("\\',
    'r#"env::var(',
    "ENV[=begin\n",
    "<<EOF $A\n",
    "$A'\"",
    'os.Getenv(`env:"A',
    "| `A_B environment",
    "# A_B=",
    "[a]\nb = '",
    "aaaa_getenv",
)
LIMIT = 6.0  # seconds for all collectors on a bomb of 200 kB each


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
@settings(max_examples=25, deadline=None)
def test_no_collector_raises(text: str) -> None:
    for collector, path in COLLECTORS:
        list(collector.collect(Blob(path, ("#!/bin/sh\n" * (path == "a.sh") + text).encode())))


@given(st.binary(max_size=200))
@settings(max_examples=20, deadline=None)
def test_nor_for_bytes(data: bytes) -> None:
    for collector, path in COLLECTORS:
        list(collector.collect(Blob(path, b"process.env os.environ " + data)))


@pytest.mark.parametrize("bomb", BOMBS)
def test_time_is_bounded(bomb: str) -> None:
    data = (bomb * (200_000 // len(bomb))).encode()
    costs_little(lambda: [list(one.collect(Blob(path, data))) for one, path in COLLECTORS], LIMIT)
