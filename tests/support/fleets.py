"""Fleets for tests: repositories with secrets in them, and `secops fleet` before them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.cli import Outcome, secops
from support.githost import GitHost
from support.github.server import ContractServer
from support.repos import Repo
from support.values import github_token


def repository(path: Path, files: dict[str, str]) -> Repo:
    """A repository with one commit."""
    made = Repo.create(path)
    made.commit(files)
    return made


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet in a directory of the test: `home` has its state, its clones and its programs."""

    home: Path

    def run(self, *arguments: str, **variables: str) -> Outcome:
        """`secops fleet …` for this fleet."""
        return secops(*self.words(*arguments), cwd=self.home, env=variables)

    def words(self, name: str, *others: str) -> tuple[str, ...]:
        """The words of the command line behind `secops`."""
        clones = (
            ("--clones", str(self.home / "clones"))
            if name == "scan" and not {"--dask", "--scheduler"} & {*others}
            else ()
        )
        return ("fleet", name, "--fleet", str(self.home / "fleet"), *clones, *others)

    def report(self, *arguments: str) -> dict[str, Any]:
        """What the report in JSON says."""
        done = self.run("report", "-f", "json", *arguments)
        assert done.code == 0, done.err
        found: dict[str, Any] = json.loads(done.out)
        return found

    def states(self) -> dict[str, str]:
        """The repositories of the last run, and what became of each."""
        return {one["name"]: one["state"] for one in self.report()["repositories"]}


@dataclass(frozen=True, slots=True)
class Hosted:
    """A GitHub of the test's own: its API, and its repositories. `token` lets in at both."""

    api: ContractServer
    host: GitHost
    token: str
    sources: Path

    @property
    def name(self) -> str:
        """The host's name, as it stands in the names of repositories."""
        return self.host.url.partition("://")[2]

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"{self.host.url}/api/v3"

    def add(self, full_name: str, files: dict[str, str], **facts: Any) -> Repo:
        """A repository of the host, with one commit."""
        source = repository(self.sources / full_name, files)
        self.host.add(full_name, source.path)
        self.api.world.repository(full_name, default_branch="main", **facts)
        return source

    def push(self, full_name: str, source: Repo) -> None:
        """Bring what a source has now to the host."""
        self.host.add(full_name, source.path)


@contextmanager
def hosted(directory: Path) -> Iterator[Hosted]:
    """A GitHub with the organisation `acme`, and nothing in it."""
    with ContractServer(ghes=True) as api, GitHost(directory / "root", api=api) as host:
        api.world.organisation("acme")
        token = api.token()
        host.tokens.add(token)
        yield Hosted(api, host, token, directory / "sources")


def leak(token: str = "") -> dict[str, str]:
    """Files with a token in them."""
    return {"app.py": f'token = "{token or github_token()}"\n'}
