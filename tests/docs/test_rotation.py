"""docs/ROTATION.md, tried as it stands: each command, in the example, before a GitHub."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from secopskit.provider import PROVIDERS
from secopskit.provider.interface import RotationPhase
from secopskit.settings.rotate import load_rotate
from secopskit.settings.sync import load_sync
from support.cli import ROOT, SOURCE
from support.github.server import ContractServer
from support.repos import Repo
from support.terminal import on_terminal
from support.values import alnum, github_token

DOCUMENT = (ROOT / "docs" / "ROTATION.md").read_text(encoding="utf-8")
NAME = "INTERNAL_ADMIN_TOKEN"
ANSWERS = {
    "[y/N]": "y",
    f"Type {NAME} to end the old value now": NAME,
    "To go on, type shop": "shop",  # the name of the repository's directory
}
COMMITTED = "When the dotenv file itself was committed"


_PARTS = re.split(r"^#{2,3} (.+)$", DOCUMENT, flags=re.MULTILINE)
SECTIONS = dict(zip(_PARTS[1::2], _PARTS[2::2], strict=True))
# Those of plans and scans end with 1 where there is something to do, `status` with 4 where one has stopped.
CODES = {
    "--apply": {0},
    "--verify": {0},
    "commit": {0},
    "apply": {0},
    "rollback": {0},
    "providers": {0},
    "status": {0, 4},
}


def blocks(language: str, text: str = DOCUMENT) -> list[str]:
    """The fenced blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def github() -> Iterator[ContractServer]:
    with ContractServer() as server:
        server.world.repository("acme/shop")
        yield server
    assert server.violations == []


@pytest.fixture
def shop(tmp_path: Path) -> Repo:
    """The example with its dotenv files filled in, and the internal token in its history."""
    shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop")
    repo = Repo.create(tmp_path / "shop")
    repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    names = re.findall(r"^(\w+)=$", (repo.path / ".env.example").read_text("utf-8"), re.MULTILINE)
    token = github_token()  # whatever a scan finds
    for environment in ("staging", "production"):
        own = {NAME: token if environment == "production" else alnum(40)}
        repo.write(f".env.{environment}", "".join(f"{name}={own.get(name, alnum(40))}\n" for name in names))
    repo.commit({"app.py": f"TOKEN = '{token}'\n"})
    repo.commit({"app.py": "import os\n"})
    return repo


def run_line(line: str, shop: Repo, github: ContractServer, answers: Mapping[str, str]) -> tuple[int, str]:
    """Run a line on a terminal, where a person answers."""
    programs = shop.path.parent / "bin"
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
    done = on_terminal(["bash", "-euc", line], cwd=shop.path, env=env, answers=answers)
    return done.code, done.out


def token_of(shop: Repo) -> str:
    found = re.search(
        rf"^{NAME}=['\"]?([^'\"\n]+)", (shop.path / ".env.production").read_text(), re.MULTILINE
    )
    assert found
    return found[1]


def commit_dotenv(shop: Repo) -> None:
    """Have the dotenv file in the history, as one does who forgets about .gitignore."""
    shop.write(".env.production", f"{NAME}={token_of(shop)}\n")
    shop.git("add", "--force", ".env.production")
    shop.commit({}, "Deploy")


def stop_half_way(shop: Repo, github: ContractServer) -> None:
    """Leave a rotation whose value is made and not published."""
    line = f"secops rotate apply production/{NAME}"
    code, shown = run_line(line, shop, github, ANSWERS | {"[y/N]": "n"})
    assert code == 4, shown


@pytest.mark.slow
@pytest.mark.parametrize("heading", [heading for heading, text in SECTIONS.items() if "```sh" in text])
def test_every_command_runs(github: ContractServer, shop: Repo, heading: str) -> None:
    before = token_of(shop)
    for block in blocks("sh", SECTIONS[heading]):
        if heading == "When it stops":
            stop_half_way(shop, github)
        if heading == COMMITTED:
            commit_dotenv(shop)
        for line in block.splitlines():
            code, shown = run_line(line, shop, github, ANSWERS)
            expected = next((codes for word, codes in CODES.items() if f" {word}" in line), {0, 1})
            assert code in expected, f"{line}\n{shown}"
    if "secops rotate apply" in SECTIONS[heading] and "--abort" not in blocks("sh", SECTIONS[heading])[-1]:
        assert token_of(shop) != before
        secrets = github.world.repository("acme/shop").environments["production"].secrets.values
        assert secrets[NAME] == token_of(shop).encode()


def test_the_loop_ends_with_a_purge_that_knows(github: ContractServer, shop: Repo) -> None:
    (block,) = blocks("sh", SECTIONS["From a leak to a clean history"])
    shown = [run_line(line, shop, github, ANSWERS)[1] for line in block.splitlines()]
    assert f"production/{NAME} (random)" in shown[1]
    assert f"production/{NAME}: done" in shown[2]
    assert "--rotated" not in shown[3]


@pytest.mark.slow
def test_a_committed_dotenv_file_needs_both_purges(github: ContractServer, shop: Repo) -> None:
    commit_dotenv(shop)
    old = token_of(shop)
    lines = blocks("sh", SECTIONS[COMMITTED])[0].splitlines()
    files, verify = lines[-2:]
    for line in lines[:-2]:
        run_line(line, shop, github, ANSWERS)
    assert run_line(verify, shop, github, ANSWERS)[0] == 0
    assert old not in shop.git("log", "--all", "--patch")
    assert shop.git("log", "--all", "--oneline", "--", ".env.production")
    assert run_line(files, shop, github, ANSWERS)[0] == 0
    assert not shop.git("log", "--all", "--oneline", "--", ".env.production")
    assert run_line(verify, shop, github, ANSWERS)[0] == 0
    assert old not in shop.git("log", "--all", "--patch")
    assert token_of(shop) != old


@pytest.mark.slow
def test_both_purges_at_once(github: ContractServer, shop: Repo) -> None:
    commit_dotenv(shop)
    old = token_of(shop)
    assert "The second command by itself does both at once." in SECTIONS[COMMITTED]
    *before, _, second, verify = blocks("sh", SECTIONS[COMMITTED])[0].splitlines()
    for line in (*before, second, verify):
        code, shown = run_line(line, shop, github, ANSWERS)
    assert code == 0, shown
    assert old not in shop.git("log", "--all", "--patch")


def test_no_command_stands_outside_of_a_block_that_is_run() -> None:
    in_blocks = {line for block in blocks("sh") for line in block.splitlines()}
    lines = [line for line in DOCUMENT.splitlines() if line.startswith(("secops ", "$ "))]
    assert set(lines) <= in_blocks


def test_the_declaration_is_one(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    (tmp_path / ".secops.yaml").write_text(text, encoding="utf-8")
    (environment,) = load_sync(tmp_path, environ={}).environments
    credentials = load_rotate(tmp_path, environ={}).credentials
    assert {one.name for one in credentials} == {value.name for value in environment.values}
    assert {one.provider for one in credentials} <= set(PROVIDERS)


def test_the_phases_are_those_that_there_are() -> None:
    for phase in RotationPhase:
        assert f"\n| `{phase.value}` |" in DOCUMENT


def test_the_worked_example_is_the_declared_one() -> None:
    declared = {
        one.name: one.provider for one in load_rotate(ROOT / "examples" / "shop", environ={}).credentials
    }
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \| `(\w+)`", DOCUMENT, re.MULTILINE)
    told = {name: provider for names, provider in rows for name in re.findall(r"[A-Z_]+", names)}
    assert told == declared
