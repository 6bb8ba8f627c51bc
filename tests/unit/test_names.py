"""Nothing that we ship or print installs, requires or imports another project's package.

The distribution, the import package and the module are `secopskit`. On PyPI, `secops` is somebody else's.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from support.cli import ROOT

OTHER = "secops"  # never followed by more letters below
# The end of the name `secops`, where it is a distribution's: neither `secopskit` nor `secops-scan`.
_END = r"(?![\w-]|/|\.(?:ya?ml|sarif|baseline))"
_TOKEN = rf"(?:^|[\s'\"`=,(\[]){OTHER}{_END}"
_INSTALLER = (
    r"\b(?:pip3?|pipx|uv)(?:\s+(?:-\S+|pip|tool))*\s+(?:install|inject|upgrade|run|add|download)\b|\buvx\b"
)
FORBIDDEN = (
    # An installer's arguments, up to the end of the command.
    re.compile(rf"(?:{_INSTALLER})(?:(?!, | #)[^;|&)`\n])*?{_TOKEN}"),
    # A requirement, wherever it stands: an extra, a version or an address follows.
    re.compile(rf"(?<![\w./-]){OTHER}(?:\[[a-z, ]+\]|\s*[=><~!]=\s*[\d{{*@]|\s+@\s+(?:git|https?|file)[+:])"),
    re.compile(rf"\b(?:additional_dependencies|dependencies|requirements?)\b\s*[:=].*{_TOKEN}[^\s]*['\"\],]"),
    # An item of a list in YAML.
    re.compile(rf"^\s*-\s+['\"]?{OTHER}['\"]?\s*$"),
    re.compile(rf"\brepo:\s*\S*/{OTHER}(?:-wrapper)?(?:\.git)?['\"]?\s*$"),
    re.compile(rf"pypi\.org/(?:project|simple|p)/{OTHER}(?![\w-])"),
    re.compile(rf"(?:\s|['\"])-m['\",]*\s+['\"]?{OTHER}(?![\w-])"),
    re.compile(
        rf"^\s*(?:>>> )?(?:import {OTHER}|from {OTHER}(?:\.\w+)* import)\b(?!kit)|['\"]import {OTHER}\b"
    ),
)
# What was, before the package had its name.
RECORDS = {"benchmarks/RESULTS.md", "CHANGELOG.md"}


def tracked() -> list[str]:
    """The files of this repository; the test is skipped where it is none."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def is_foreign(line: str) -> bool:
    return any(pattern.search(line) for pattern in FORBIDDEN)


def test_no_file_names_a_foreign_distribution() -> None:
    names = tracked()
    assert {".pre-commit-hooks.yaml", "README.md", ".github/workflows/ci.yml", "docs/hooks.md"} <= set(names)
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in names
        if name not in {*RECORDS, "tests/unit/test_names.py"}
        for number, line in enumerate(
            (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if is_foreign(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "pip install secops",
        "    `pip install 'secops[lint]'`",
        "python -m pip install --quiet secops==0.1.0",
        "RUN pip3 install -U click secops",
        "pipx install secops",
        "pipx run secops scan",
        "uv tool install secops",
        "uv pip install secops",
        "uvx secops scan",
        "uvx --from secops secops scan",
        "secops[migrate]>=0.1",
        "secops == 0.1",
        "secops~=0.1",
        'f"secops=={version}"',
        "secops @ git+https://example.org/x",
        "additional_dependencies: [secops]",
        'dependencies = ["secops"]',
        'requirement="secops",',
        "  - secops",
        "  - repo: https://github.com/OWNER/secops",
        "  - repo: https://github.com/google/secops-wrapper",
        "https://pypi.org/project/secops/",
        'exec python -m secops "$@"',
        '[sys.executable, "-I", "-m", "secops", "scan"]',
        "import secops",
        "from secops import client",
        "from secops.cli import main",
        'python -c "import secops"',
    ],
)
def test_what_is_meant_by_that(line: str) -> None:
    assert is_foreign(line)
    assert not is_foreign(line.replace("secops-wrapper", "secops").replace("secops", "secopskit"))


@pytest.mark.parametrize(
    "line",
    [
        "secops scan --history",
        "pipx install . && secops scan",
        "pip install secopskit, then `secops hook install`",
        "Install it, and run 'secops hook install' again",
        "      - id: secops-scan",
        "  - repo: <where this repository is hosted>",
        "what it takes from secops imports nothing",
        "    - run: secops hook run",
        "from secopskit.cli.group import secops",
    ],
)
def test_the_command_may_be_named(line: str) -> None:
    assert not is_foreign(line)
