"""docs/FLEET.md: its commands run as they stand there, and what it lists is what there is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from secopskit.fleet.tell.facts import FleetFacts, FleetMember, FleetPlace, FleetSecret
from support.cli import ROOT, secops
from support.fleets import Hosted, hosted, leak, repository

_TEXT = (ROOT / "docs/FLEET.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", _TEXT, re.MULTILINE | re.DOTALL)


def _commands() -> list[tuple[str, ...]]:
    """The commands of ours that need no cluster of others and no paths of a server."""
    lines = [line for block in _blocks("sh") for line in block.replace("\\\n", " ").splitlines()]
    words = [tuple(shlex.split(line, comments=True)) for line in lines if line.startswith("secops ")]
    return [each for each in dict.fromkeys(words) if "--scheduler" not in each]


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(tmp_path_factory.mktemp("github")) as made:
        made.add("acme/app", leak())
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as the document has it: with clones, and one run over."""
    made = tmp_path_factory.mktemp("place")
    repository(made / "clones" / "one", leak())
    done = secops(
        "fleet", "scan", "--path", "clones/*", cwd=made, env={"SECOPS_STATE_DIR": str(made / "state")}
    )
    assert done.code == 1, done.err
    return made


def test_there_are_commands_to_try() -> None:
    assert len(_commands()) > 8


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_a_command_runs(command: tuple[str, ...], github: Hosted, place: Path) -> None:
    _, *words = command
    variables = {
        "SECOPS_STATE_DIR": str(place / "state"),
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": github.token,
    }
    done = secops(*words, cwd=place, env=variables)
    assert done.code in (0, 1), done.text
    assert "Traceback" not in done.text


def test_the_fields_of_the_json_document_are_those_that_there_are() -> None:
    listed = _TEXT.partition("The JSON document has ")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", listed))
    there = {
        field.name for kind in (FleetFacts, FleetPlace, FleetSecret, FleetMember) for field in fields(kind)
    }
    assert named == there


def test_what_is_yaml_can_be_read() -> None:
    values, workflow = (yaml.safe_load(block) for block in _blocks("yaml"))
    assert {one["name"] for one in values["worker"]["env"]} >= {"SECOPS_FLEET_KEY_FILE", "GITHUB_TOKEN"}
    assert [step.get("run", "").split()[0] for step in workflow["jobs"]["scan"]["steps"]] == [
        "pipx",
        "secops",
        "secops",
    ]


def test_the_nightly_command_is_one(place: Path) -> None:
    (line,) = (line for line in _blocks("yaml")[1].splitlines() if "fleet scan" in line)
    words = shlex.split(line.partition("run: secops ")[2].replace('"$ORGANISATION"', "acme"))
    done = secops(*words, "--help", cwd=place)
    assert done.code == 0, done.text
