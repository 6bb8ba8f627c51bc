"""Makes the checkout's `.venv`, or brings it up to date. Started by `scripts/environment`.

A lock that the system itself drops when its holder dies lets one of several at work; an
environment that was left half-made is made anew, for its stamp is written last.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
READY = ENVIRONMENT / ".secops-ready"
READY_DEV = ENVIRONMENT / ".secops-ready-dev"
WORKING = ENVIRONMENT / ".secops-working"
COMPILED = ENVIRONMENT / ".secops-compiled"
WISH = os.environ.get("SECOPS_COMPILE", "")
INPUTS = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
COMPILED_FROM = (ROOT / "scripts" / "compile.py", *(ROOT / "src/secopskit/git/packs").glob("*.pyx"))


class SetupError(Exception):
    """The environment cannot be made; the message says why."""


def say(text: str) -> None:
    """One line for the user."""
    print(f"secops: {text}", file=sys.stderr, flush=True)


@contextmanager
def locked() -> Iterator[int]:
    """Hold the checkout's lock, waiting for whoever has it; yields its descriptor."""
    import fcntl  # POSIX only, like the scripts

    descriptor = os.open(ROOT / ".venv.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that is setting up .venv")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def is_ready(stamp: Path) -> bool:
    """Whether the environment is complete, for this checkout, and newer than what it is made from."""
    try:
        made = stamp.stat().st_mtime_ns
        return (
            stamp.read_text().rstrip("\n") == str(ROOT)
            and os.access(PYTHON, os.X_OK)
            and all(made >= path.stat().st_mtime_ns for path in INPUTS)
        )
    except OSError:
        return False


def run(command: list[str | Path], lock: int) -> bool:
    """Run a step; show what it printed only if it fails. The lock is held while the step lives."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        pass_fds=(lock,),
        cwd=ROOT,
        errors="replace",
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
    return done.returncode == 0


def make(uv: str | None, lock: int) -> None:
    """An empty environment with this interpreter, in the place of a broken one."""
    if ENVIRONMENT.is_symlink():
        ENVIRONMENT.unlink()
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    ENVIRONMENT.mkdir()
    WORKING.touch()
    if uv and run([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, ENVIRONMENT], lock):
        return
    if uv:
        say("uv failed; going on with venv")
    if not run([sys.executable, "-I", "-m", "venv", ENVIRONMENT], lock):
        raise SetupError(
            "cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)"
        )


def install(uv: str | None, lock: int, *, dev: bool) -> None:
    """secops itself, editable, with all of its extras and what they need, at the pinned versions."""
    wanted: list[str | Path] = ["--editable", f"{ROOT}[all]", "--constraint", ROOT / "constraints.txt"]
    groups = tomllib.loads(INPUTS[0].read_text(encoding="utf-8"))["dependency-groups"]
    if dev or not why_not_compiled():
        wanted += groups["compile"]
    if dev:
        wanted += groups["dev"]
    if uv and run([uv, "pip", "install", "--quiet", "--python", PYTHON, *wanted], lock):
        return
    if uv:
        say("uv failed; going on with pip")
    has_pip = any(ENVIRONMENT.glob("lib/python*/site-packages/pip"))  # uv makes environments without it
    has_pip = has_pip or run([PYTHON, "-I", "-m", "ensurepip", "--default-pip"], lock)
    pip: list[str | Path] = [PYTHON, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not has_pip or not run([*pip, *wanted], lock):
        raise SetupError("the packages could not be installed; see above, and run this again")


def why_not_compiled() -> str:
    """What a build of the compiled part lacks here; nothing if it lacks nothing.

    What cannot work is not tried, so that nobody downloads Cython for nothing.
    """
    if WISH == "no":
        return "SECOPS_COMPILE is no"
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if not shutil.which(compiler):
        return f"there is no C compiler ({compiler}) here"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python's headers are not here (on Debian and Ubuntu: apt-get install python3-dev)"
    return ""


def compile_reader(lock: int) -> None:
    """The compiled part of secops, when its source is newer; tried once, and what is gone without is said."""
    with suppress(OSError):
        if COMPILED.stat().st_mtime_ns >= max(path.stat().st_mtime_ns for path in COMPILED_FROM):
            return
    started = time.time_ns()
    why = why_not_compiled()
    if not why:
        say("compiling the reader of histories")
        made = run([PYTHON, "-I", ROOT / "scripts" / "compile.py"], lock)
        why = "" if made else "it cannot be compiled here"
    if why:
        say(f"{why}: histories are read through git, which is slower (to try again: rm -r {ENVIRONMENT})")
    COMPILED.touch()
    os.utime(COMPILED, ns=(started, started))  # a source that changed meanwhile is newer


def compile_rules(lock: int) -> None:
    """The rules as the engine wants them, so that no scan has to wait for that."""
    say("compiling the rules")
    if not run([PYTHON, "-I", "-m", "secopskit.detect.ready.ship_rules"], lock):
        say("they are not compiled; the first scan will do that")


def prepare(lock: int, *, dev: bool) -> None:
    """Everything from nothing, or only what changed."""
    uv = shutil.which("uv")
    os.environ.setdefault(
        "UV_SYSTEM_CERTS", "1"
    )  # as pip does: the registry may be behind a company's own CA
    os.environ["SECOPS_COMPILE"] = "no"  # an installation that can be edited needs no compiler, nor Cython
    with_what = "uv" if uv else "venv and pip"
    broken = WORKING.exists() or not os.access(PYTHON, os.X_OK) or not made_for_this_checkout()
    broken = broken or holds_former_name()
    version = ".".join(map(str, sys.version_info[:3]))
    if broken:
        say(f"making .venv in {ROOT} with {with_what} (Python {version}); this happens once")
        make(uv, lock)
    else:
        say(f"bringing .venv in {ROOT} up to date with {with_what}")
        WORKING.touch()
    for stamp in (READY, READY_DEV):
        stamp.unlink(missing_ok=True)
    started = [path.stat().st_mtime_ns for path in INPUTS]
    install(uv, lock, dev=dev)
    if started != [path.stat().st_mtime_ns for path in INPUTS]:
        raise SetupError("pyproject.toml or constraints.txt changed meanwhile; run this again")
    compile_rules(lock)
    for stamp in (READY, READY_DEV) if dev else (READY,):
        stamp.write_text(f"{ROOT}\n")
    WORKING.unlink()


def made_for_this_checkout() -> bool:
    """Whether an earlier, complete environment belongs here and was not copied along with the checkout."""
    with suppress(OSError):
        return READY.read_text().rstrip("\n") == str(ROOT)
    return False


def holds_former_name() -> bool:
    """Whether secops is installed there as the distribution `secops`, the name that it had before.

    That name is somebody else's, and taking its `secops` command away would take ours with it.
    """
    return any(ENVIRONMENT.glob("lib/python*/site-packages/secops-*.dist-info"))


def main(arguments: list[str]) -> int:
    """`environment.py [dev]`; the exit codes are those of secops."""
    dev = arguments == ["dev"]
    stamp = READY_DEV if dev else READY
    try:
        with locked() as lock:
            if not is_ready(stamp):
                prepare(lock, dev=dev)
            compile_reader(lock)
    except SetupError as error:
        say(f"error: {error}")
        return 3
    except OSError as error:
        say(f"error: {error.filename or ROOT}: {error.strerror}")
        return 3
    except KeyboardInterrupt:
        say("interrupted; the next run starts afresh")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
