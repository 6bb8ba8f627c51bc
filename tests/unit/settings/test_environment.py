"""What variables say of the surroundings, and that nobody else asks for it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.settings.environment import (
    database_url,
    has_libpq_variables,
    inherited,
    is_plain,
    program_directories,
    read_actor,
    read_ci_context,
    read_environment,
    take_variable,
    variable,
    variables,
)
from support.cli import ROOT, SOURCE
from support.values import alnum

PACKAGE = SOURCE / "secopskit"
# Who reads the environment without `settings`, and why.
EXCEPTIONS = {
    "git/repository.py": "stands beside settings, and makes of all variables those that git may see",
    "git/discovery.py": "stands beside settings, and looks where git looks for what it ignores",
    "git/gitpython.py": "keeps GitPython from running git at its import, and puts back what was there",
    "state/user_secret.py": "stands below settings; who asks for a key of fingerprints knows no settings",
    "web/wire.py": "stands below settings, and reads beside `requests` what it does not know of authorities",
}
_READS = {"environ", "environb", "getenv", "getenvb"}
# Those of git itself are told in git's own pages.
_TOLD_ELSEWHERE = {"git/repository.py", "git/discovery.py", "git/gitpython.py"}
# For a program that we start, or by a script of ours that a shell runs.
_SET = {"GH_PROMPT_DISABLED", "GH_NO_UPDATE_NOTIFIER", "LC_ALL", "PGSERVICEFILE", "COMP_WORD", "COMP_WORDS"}
_ASKS = {"variable", "variables", "take_variable", "exact_variable", "_text"}
_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|PG[A-Z]+|CI|HOME|PATH|TERM|LOCALAPPDATA", re.ASCII)


def reads_environment(path: Path) -> bool:
    tree = ast.parse(path.read_bytes())
    return any(
        (isinstance(node, ast.Attribute) and node.attr in _READS and ast.unparse(node.value) == "os")
        or (
            isinstance(node, ast.ImportFrom) and node.module == "os" and _READS & {n.name for n in node.names}
        )
        for node in ast.walk(tree)
    )


def test_the_environment_is_read_in_settings_only() -> None:
    readers = {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if reads_environment(path)
    }
    assert {reader for reader in readers if not reader.startswith("settings/")} == EXCEPTIONS.keys()


def asks_for_variables(path: Path) -> bool:
    """Whether a module reads the environment, or is handed what does."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
    names = {getattr(call, "attr", getattr(call, "id", "")) for call in calls}
    return reads_environment(path) or bool(names & _ASKS)


def variables_of(path: Path) -> set[str]:
    """The names of variables that are written out in a module."""
    constants = (
        node.value for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Constant)
    )
    return {one for one in constants if isinstance(one, str) and _NAME.fullmatch(one)}


def test_each_variable_is_told_in_a_document() -> None:
    document = (ROOT / "docs" / "configuration.md").read_text("utf-8").partition("## Other variables")[2]
    told = set(re.findall(r"`([A-Z0-9_]+)`", document))
    asking = {
        path.relative_to(PACKAGE).as_posix(): path
        for path in PACKAGE.rglob("*.py")
        if asks_for_variables(path)
    }
    assert {
        "settings/environment.py",
        "github/access.py",
        "web/wire.py",
        "cli/migrate/serve.py",
    } <= asking.keys()
    missing = {
        name: sorted(lacking)
        for name, path in asking.items()
        if name not in _TOLD_ELSEWHERE and (lacking := variables_of(path) - told - _SET)
    }
    assert missing == {}


def test_surroundings() -> None:
    nothing = read_environment({"HOME": "/home/a"})
    assert not any((nothing.no_color, nothing.force_color, nothing.ci, nothing.dumb_terminal))
    full = read_environment(
        {"NO_COLOR": "1", "FORCE_COLOR": "1", "CI": "true", "TERM": "dumb", "HOME": "/home/a"}
    )
    assert full.no_color
    assert full.force_color
    assert full.ci
    assert full.dumb_terminal
    empty = read_environment(
        {"NO_COLOR": "", "FORCE_COLOR": "0", "CI": "false", "TERM": "xterm", "HOME": "/home/a"}
    )
    assert not any((empty.no_color, empty.force_color, empty.ci, empty.dumb_terminal))


@pytest.mark.skipif(sys.platform != "linux", reason="the places of Linux")
def test_cache_directory() -> None:
    def place(**environ: str) -> str | None:
        return read_environment(environ).cache_directory

    assert place(HOME="/home/a") == "/home/a/.cache/secops"
    assert place(HOME="/home/a", XDG_CACHE_HOME="/c") == "/c/secops"
    assert place(HOME="/home/a", XDG_CACHE_HOME="relative") == "/home/a/.cache/secops"
    assert place(HOME="/home/a", XDG_CACHE_HOME="/c", SECOPS_CACHE_DIR="/d") == "/d"
    assert place(HOME="relative") is None


def test_a_plain_terminal() -> None:
    assert is_plain({"NO_COLOR": "1"})
    assert is_plain({"TERM": "dumb"})
    assert not is_plain({"NO_COLOR": "", "TERM": "xterm"})


def test_ci_tells_of_itself() -> None:
    assert read_ci_context({}) == ("", "")
    assert read_ci_context({"CI_COMMIT_SHA": "b", "GITHUB_STEP_SUMMARY": "/s"}) == ("b", "/s")
    assert read_ci_context({"GITHUB_SHA": "a", "CI_COMMIT_SHA": "b"}).commit == "a"
    assert read_actor({"GITLAB_USER_LOGIN": "ann"}) == "ann"
    assert read_actor({"GITHUB_ACTOR": "bob", "GITLAB_USER_LOGIN": "ann"}) == "bob"


def test_what_a_variable_holds_is_not_shown() -> None:
    value = alnum(8)
    url = database_url("DB", {"DB": f" postgresql://u:{value}@h/d "})
    assert url is not None
    assert value not in repr(url) + str(url)
    assert len(url) == len(f"postgresql://u:{value}@h/d")
    assert database_url("DB", {}) is None
    with pytest.raises(ConfigError, match="DB: is not"):
        database_url("DB", {"DB": "x" * 10_000})


def test_a_variable_is_taken_out_of_the_environment() -> None:
    environ = {"TOKEN": " canary ", "EMPTY": ""}
    taken = take_variable("TOKEN", environ)
    assert taken is not None
    assert len(taken) == len("canary")
    assert take_variable("EMPTY", environ) is None
    assert take_variable("TOKEN", environ) is None
    assert environ == {}


def test_libpq_may_know_where_the_database_is() -> None:
    assert has_libpq_variables({"PGSERVICE": "app"})
    assert not has_libpq_variables({"PGHOST": "", "PGUSER": "ann"})


def test_variables_that_programs_inherit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_TEST", "x")
    assert inherited()["SECOPS_TEST"] == variable("SECOPS_TEST") == "x"
    assert variables("SECOPS_TEST", "SECOPS_TEST_UNSET") == {"SECOPS_TEST": "x"}
    assert variable("SECOPS_TEST_UNSET") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
def test_a_relative_directory_of_programs_is_not_believed() -> None:
    assert program_directories({"PATH": "/a:b:.::/c"}) == ["/a", "/c"]
    assert program_directories({"PATH": ""}) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel shows it on Linux only")
def test_a_variable_that_was_taken_is_shown_to_nobody() -> None:
    """Not by `/proc/PID/environ`, nor in the environment of what is started from then on."""
    program = (
        "import os, subprocess\n"
        "from secopskit.settings.environment import take_variable\n"
        "taken = take_variable('TOKEN_TO_TAKE')\n"
        "seen = open('/proc/self/environ', 'rb').read() + subprocess.check_output(['env'])\n"
        "print(taken.reveal().decode() == 'tell' + 'tale', b'telltale' in seen, b'ANOTHER=kept' in seen)\n"
    )
    env = {"TOKEN_TO_TAKE": "telltale", "ANOTHER": "kept", "PATH": os.defpath}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True False True\n"
