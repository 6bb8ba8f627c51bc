"""docs/GITHUB_SECRETS_SETUP.md, tried as it stands: each command before a GitHub, each message looked up."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.origin import ORIGINS
from secopskit.settings.sync import load_sync
from secopskit.sink import SINKS
from secopskit.sync.audit.model import AuditKind
from secopskit.sync.model import SyncState
from support.cli import ROOT, SOURCE
from support.github.server import ContractServer
from support.repos import Repo
from support.terminal import on_terminal
from support.values import alnum
from support.workflow_linters import actionlint, zizmor

DOCUMENT = (ROOT / "docs" / "GITHUB_SECRETS_SETUP.md").read_text(encoding="utf-8")
# Those that are run where nothing is declared; all others in a copy of the example.
PLAIN = {"Without a declaration", "An organisation"}
QUESTION = "[y/N]"


def sections() -> dict[str, str]:
    """The text below each heading."""
    parts = re.split(r"^#{2,3} (.+)$", DOCUMENT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(language: str) -> list[tuple[str, str]]:
    """The fenced blocks of a language, each with its heading, in their order."""
    return [
        (heading, block)
        for heading, text in sections().items()
        for block in re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]


@pytest.fixture
def github() -> Iterator[ContractServer]:
    with ContractServer() as server:
        server.world.repository("acme/shop")
        server.world.environment("acme/shop", "production", wait_timer=30)
        yield server
    assert server.violations == []


def scene(root: Path, *, plain: bool) -> Path:
    """A clone of the example with its dotenv files filled in, or one where nothing is declared."""
    if not plain:
        shutil.copytree(ROOT / "examples" / "shop", root)
    repo = Repo.create(root)
    repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    names = re.findall(r"^(\w+)=$", (ROOT / "examples/shop/.env.example").read_text("utf-8"), re.MULTILINE)
    for environment in ("staging", "production"):
        others = ("PROD", "ODOO") if environment == "staging" else ("STAGING",)
        lines = [f"{name}={alnum(40)}\n" for name in names if not name.startswith(others)]
        repo.write(f".env.{environment}", "".join(lines))
    repo.write(".env.shared", f"SHARED_TOKEN={alnum(40)}\n")
    return root


def run_block(block: str, root: Path, github: ContractServer) -> tuple[int, str]:
    """Run the lines of a block in one shell on a terminal, where the user says yes."""
    programs = root.parent / "bin"
    programs.mkdir(exist_ok=True)
    shim = programs / "secops"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m secopskit "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    env = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "PYTHONPATH": str(SOURCE),
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": github.token(),
    }
    answers = {QUESTION: "y", "Token: ": "typed"}
    done = on_terminal(["bash", "-euc", block], cwd=root, env=env, answers=answers)
    return done.code, done.out


@pytest.mark.slow
def test_every_command_runs(github: ContractServer, tmp_path: Path) -> None:
    places = {True: scene(tmp_path / "plain", plain=True), False: scene(tmp_path / "shop", plain=False)}
    commands = 0
    for heading, block in blocks("sh"):
        code, shown = run_block(block, places[heading in PLAIN], github)
        assert code == 0, f"{heading}:\n{block}\n{shown}"
        commands += block.count("secops sync-secrets")
    assert commands == DOCUMENT.count("\nsecops sync-secrets") > 12
    repository = github.world.repository("acme/shop")
    assert set(repository.environments) == {"staging", "production"}
    production = repository.environments["production"]
    assert production.puts == 0
    assert set(production.secrets.values) == {
        "PROD_DATABASE_URL",
        "SUPABASE_SERVICE_ROLE_KEY",
        "INTERNAL_ADMIN_TOKEN",
        "DO_ACCESS_TOKEN",
    }
    assert set(production.variables.values) == {"NEXT_PUBLIC_SUPABASE_URL"}
    assert set(github.world.organisation("acme").secrets["actions"].values) == {"SHARED_TOKEN"}
    check_in_ci(places[False], github)


def check_in_ci(shop: Path, github: ContractServer) -> None:
    """A fresh clone, without the dotenv files: the committed record tells whether all is as declared."""
    clone = shop.parent / "clone"
    shutil.copytree(shop, clone, ignore=shutil.ignore_patterns(".git", ".env.*"))
    Repo.create(clone).git("remote", "add", "origin", "https://github.com/acme/shop.git")
    code, shown = run_block("secops sync-secrets --check --format github", clone, github)
    assert code == 0, shown
    github.clock.advance(3600)
    github.world.repository("acme/shop").environments["production"].secrets.put("DO_ACCESS_TOKEN", b"other")
    code, shown = run_block("secops sync-secrets --check --format github", clone, github)
    assert code == 1, shown
    assert "::error title=secops%3A drifted::DO_ACCESS_TOKEN in " in shown


def test_no_command_stands_outside_of_a_block_that_is_run() -> None:
    in_blocks = {line for _, block in blocks("sh") for line in block.splitlines()}
    lines = [line for line in DOCUMENT.splitlines() if line.startswith(("secops ", "$ ", "gh ", "export "))]
    assert set(lines) <= in_blocks


def test_the_declaration_is_one(tmp_path: Path) -> None:
    (text,) = (block for heading, block in blocks("yaml") if heading == "The declaration")
    (tmp_path / ".secops.yaml").write_text(text, encoding="utf-8")
    (environment,) = load_sync(tmp_path, environ={}).environments
    assert [value.name for value in environment.values] == [
        "PROD_DATABASE_URL",
        "DEPLOY_KEY",
        "SHARED_TOKEN",
        "NEXT_PUBLIC_SUPABASE_URL",
    ]


def test_the_workflow_is_sound(tmp_path: Path) -> None:
    (text,) = (block for heading, block in blocks("yaml") if heading == "In CI")
    path = tmp_path / "secrets.yml"
    path.write_text(text, encoding="utf-8")
    assert zizmor(path) == []
    assert actionlint(path) == []


def first_cells(heading: str, header: str) -> list[str]:
    """What stands in code in the first column of the table with that header."""
    table = sections()[heading].partition(f"| {header} |")[2].partition("\n\n")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.count("|") > 1]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_all_sources_and_sinks_are_told() -> None:
    sources = first_cells("The declaration", "Source")
    assert {re.match(r"\{?([\w-]+)", text)[1] for text in sources} | {"command-exact"} == set(ORIGINS)  # type: ignore[index]
    sinks = first_cells("The declaration", "Sink")
    assert {text.partition(":")[0] for text in sinks} == set(SINKS)


def test_all_states_and_findings_are_told() -> None:
    assert set(first_cells("The plan", "State")) == {state.value for state in SyncState}
    assert set(first_cells("The audit", "Finding")) == {kind.value for kind in AuditKind}


def test_the_messages_are_those_of_the_program() -> None:
    program = " ".join(path.read_text(encoding="utf-8") for path in (SOURCE / "secopskit").rglob("*.py"))
    program = re.sub(r'"\s*\n\s*f?"', "", program)  # a text that goes on in the next line
    messages = first_cells("When it says …", "Message")
    parts = [part.strip(" ;") for message in messages for part in message.split("…")]
    assert len(messages) > 12
    for part in (part for part in parts if part and not part.startswith("HTTP 4")):
        assert part in program, part
