"""What an installation weighs, and how long the pre-commit framework takes to have secops ready from git.

python -m benchmarks.install            # in the development environment: it builds a wheel, runs pre-commit

The framework installs what is committed: `HEAD` of this checkout, without its uncommitted changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from benchmarks.peers import ROOT, WORK, tool_environment
from benchmarks.process import Streams, Usage, execute

PLACE: Final = WORK / "install"
HEAVIEST: Final = 8
LIMIT_MB: Final = 45
LIMIT_SECONDS: Final = 15
_EXTRAS: Final = ("", "migrate", "server", "all")
# How the package index is reached here is the user's own affair.
_INDEX: Final = (
    "PIP_",
    "SSL_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def main() -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    wheel = build()
    for extra in _EXTRAS:
        print("\n".join(size(wheel, extra)), flush=True)
    print("\n".join(framework()), flush=True)


def build() -> Path:
    """The wheel of this checkout, uncommitted changes included."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(PLACE)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return next(PLACE.glob("*.whl"))


def size(wheel: Path, extra: str) -> list[str]:
    """What `wheel` with `extra` adds to an empty environment, at the pinned versions, byte code included."""
    directory = PLACE / f"environment-{extra or 'core'}"
    venv.create(directory, with_pip=True)
    site = next(directory.glob("lib/python*/site-packages"))
    empty = {path.name: _bytes(path) for path in site.iterdir()}
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    pip = [
        str(directory / "bin/python"),
        "-I",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    command = [*pip, "--constraint", str(ROOT / "constraints.txt"), wanted]
    subprocess.run(command, check=True, stdout=sys.stderr, timeout=900)
    added = {path.name: _bytes(path) - empty.get(path.name, 0) for path in site.iterdir()}
    megabytes = sum(added.values()) / 1e6
    heavy = sorted(((number, name) for name, number in added.items()), reverse=True)[:HEAVIEST]
    verdict = "" if extra else f", at most {LIMIT_MB}: {'met' if megabytes <= LIMIT_MB else 'MISSED'}"
    shutil.rmtree(directory)
    return [
        f"installed size of secopskit{f'[{extra}]' if extra else ''}: {megabytes:.1f} MB{verdict}",
        "  of which " + ", ".join(f"{name} {number / 1e6:.1f}" for number, name in heavy),
    ]


def framework() -> list[str]:
    """How long the framework takes: in a new home, again with what pip has kept; and the first hook run."""
    source, user = PLACE / "secops.git", PLACE / "user"
    _git(PLACE, "clone", "--quiet", "--bare", "--no-local", str(ROOT), str(source))
    revision = _git(source, "rev-parse", "HEAD")
    _git(PLACE, "init", "--quiet", str(user))
    (user / ".pre-commit-config.yaml").write_text(
        f"repos: [{{repo: {source.as_uri()}, rev: {revision}, hooks: [{{id: secops-scan}}]}}]\n",
        encoding="utf-8",
    )
    (user / "app.py").write_text("DEBUG = True\n", encoding="utf-8")
    _git(user, "add", ".")
    lines = []
    for downloads in ("nothing downloaded yet", "with what pip has downloaded"):
        shutil.rmtree(PLACE / "framework", ignore_errors=True)
        lines.append(_line(f"pre-commit install-hooks, {downloads}", _pre_commit(user, "install-hooks")))
    lines[-1] += f" (on an idle machine at most {LIMIT_SECONDS})"
    lines.append(_line("pre-commit run, the first time (rules are compiled)", _pre_commit(user, "run")))
    lines.append(_line("pre-commit run, again", _pre_commit(user, "run")))
    return lines


def _pre_commit(directory: Path, command: str) -> Usage:
    env = tool_environment(PLACE / "home") | {"PRE_COMMIT_HOME": str(PLACE / "framework")}
    env |= {name: value for name, value in os.environ.items() if name.startswith(_INDEX)}
    streams = Streams(stdin=Path(os.devnull), stdout=PLACE / "stdout", stderr=PLACE / "stderr")
    program = (sys.executable, "-I", "-m", "pre_commit", command)
    usage = execute(program, directory=directory, env=env, streams=streams, timeout=600, sample=False)
    if usage.code:
        sys.exit(f"pre-commit {command} failed:\n{streams.stdout.read_text()}{streams.stderr.read_text()}")
    return usage


def _line(what: str, usage: Usage) -> str:
    return f"{what}: {usage.wall:.1f} s, CPU {usage.cpu:.1f} s"


def _bytes(path: Path) -> int:
    """As `du --bytes` counts: the sizes of files and directories."""
    inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
    return sum(each.lstat().st_size for each in (path, *inside))


def _git(directory: Path, *arguments: str) -> str:
    command = ("git", *arguments)
    env = tool_environment(PLACE / "home")
    return subprocess.run(
        command, cwd=directory, env=env, check=True, capture_output=True, text=True, timeout=300
    ).stdout.strip()


if __name__ == "__main__":
    main()
