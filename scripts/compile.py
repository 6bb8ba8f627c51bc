"""Compiles what of secops is written in Cython: as a build hook of hatchling, and in place for a checkout.

usage: python scripts/compile.py    (into the checkout, beside the source)

A wheel that is built where Cython and a C compiler are at hand carries the compiled part, the built-in rules
as the engine wants them, and the platform's tag; elsewhere it is built without, and secops works without. An
editable installation compiles nothing: a checkout's scripts do, in place.
SECOPS_COMPILE=no leaves it out, SECOPS_COMPILE=yes makes it an error if it cannot be built.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "secopskit/git/packs"
NAMES = ("compiled", "treetable", "walk")
SOURCES = tuple(ROOT / "src" / PACKAGE / f"{name}.pyx" for name in NAMES)
RULES = PurePosixPath("secopskit/detect/ready/shipped_rules.bin")
WISH = "SECOPS_COMPILE"
# No symbols for debuggers, which would name the directory it was built in: the same source, the same file.
_FLAGS = ["/O2"] if sys.platform == "win32" else ["-O2", "-g0", "-Wno-unreachable-code"]


def file_name(name: str) -> str:
    """What a compiled module is called for this Python."""
    return name + str(sysconfig.get_config_var("EXT_SUFFIX"))


def build(directory: Path) -> list[Path]:
    """The compiled modules, made in a directory that is there. Raises whatever the tools raise."""
    from Cython import Build
    from setuptools import Distribution, Extension

    for source in SOURCES:
        text = source.read_bytes()
        # By this it is known to belong to its source; a checkout may have changed since.
        stamp = b'\nSOURCE = "%s"\n' % hashlib.sha256(text).hexdigest().encode()
        (directory / source.name).write_bytes(text + stamp)
    before = Path.cwd()
    os.chdir(directory)  # names that the compiler writes down are relative
    try:
        extensions = [Extension(source.stem, [source.name], extra_compile_args=_FLAGS) for source in SOURCES]
        untyped: Any = Build
        modules = untyped.cythonize(extensions, quiet=True, language_level=3)
        distribution = Distribution({"name": PACKAGE.rpartition("/")[2], "ext_modules": modules})
        command: Any = distribution.get_command_obj("build_ext")
        command.build_lib, command.build_temp = "lib", "temp"
        command.parallel = os.cpu_count()
        command.ensure_finalized()
        command.run()
    finally:
        os.chdir(before)
    return [directory / "lib" / file_name(name) for name in NAMES]


def ship_rules(directory: Path) -> Path:
    """The built-in rules compiled, in a file of that directory. Raises CalledProcessError."""
    path = directory / RULES.name
    # A build that is isolated has its packages from the path alone: without them, there is no engine.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", *filter(None, sys.path))))}
    subprocess.run(
        [sys.executable, "-m", "secopskit.detect.ready.ship_rules", path], check=True, env=env, cwd=ROOT
    )
    return path


def _needed_by_rules() -> list[str]:
    """What compiling rules needs, as the project asks for it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [one for one in project["dependencies"] if one.startswith(("hyperscan", "PyYAML"))]


class CompiledPart(BuildHookInterface[Any]):
    """Puts the compiled modules into a wheel, where they can be built."""

    def dependencies(self) -> list[str]:
        """What a build needs besides hatchling."""
        if os.environ.get(WISH) == "no":
            return []
        return ["Cython>=3.1", "setuptools>=77", *_needed_by_rules()]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before a wheel is put together; `version` is the kind of wheel."""
        wish = os.environ.get(WISH, "")
        if version == "editable" or wish == "no":
            return
        self._place = tempfile.TemporaryDirectory()
        try:
            modules = build(Path(self._place.name))
        except (Exception, SystemExit) as error:  # the tools raise what they like
            if wish == "yes":
                raise
            self.app.display_warning(f"secops is built without its compiled part: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"].update((str(one), f"{PACKAGE}/{one.name}") for one in modules)
        try:
            rules = ship_rules(Path(self._place.name))
        except (OSError, subprocess.CalledProcessError) as error:
            if wish == "yes":
                raise
            self.app.display_warning(f"secops is built without compiled rules: {error}")
            return
        build_data["force_include"][str(rules)] = str(RULES)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled: the wheel has it."""
        if hasattr(self, "_place"):
            self._place.cleanup()


def main() -> int:
    """Compile into the checkout; 1 if that cannot be done here."""
    try:
        with tempfile.TemporaryDirectory() as directory:
            made = {path.name: path.read_bytes() for path in build(Path(directory))}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the tools raise what they like
        print(f"the compiled part cannot be built here: {error}", file=sys.stderr)
        return 1
    for name, content in made.items():
        target = SOURCES[0].with_name(name)
        # Another process may have the old one open.
        fresh = target.with_name(f"{name}.{os.getpid()}")
        fresh.write_bytes(content)
        fresh.replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
