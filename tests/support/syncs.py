"""A shop whose secrets are synced: its repository, its values, and `secops sync-secrets` run in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from support import forked
from support.cli import Outcome
from support.github.server import ContractServer
from support.github.vault import Shelf, Vault
from support.repos import Repo
from support.terminal import secops_on_terminal
from support.values import alnum

DECLARATION = """\
sync:
  repositories: [acme/shop]
  environments:
    staging:
      source: {dotenv: .env.staging}
      sinks: [environment]
      secrets: [STAGING_DATABASE_URL, INTERNAL_ADMIN_TOKEN]
    production:
      source: {dotenv: .env.production}
      sinks: [environment]
      secrets: [PROD_DATABASE_URL, SUPABASE_SERVICE_ROLE_KEY, INTERNAL_ADMIN_TOKEN, SIGNING_KEY]
      variables: [NEXT_PUBLIC_SUPABASE_URL]
"""
STAGING, PRODUCTION = "staging", "production"


class SyncedShop:
    """The repository of the shop, and the GitHub that it is at."""

    def __init__(self, repo: Repo, github: ContractServer) -> None:
        self.repo, self.github = repo, github
        self.path = repo.path
        self.token = github.token()
        github.world.repository("acme/shop")
        self.values = {
            STAGING: {
                "STAGING_DATABASE_URL": f"postgresql://shop:{alnum(16)}@db.example.org/shop".encode(),
                "INTERNAL_ADMIN_TOKEN": alnum(32).encode(),
            },
            PRODUCTION: {
                "PROD_DATABASE_URL": f"postgresql://shop:{alnum(16)}@db.example.org/shop?a=b&c=$d".encode(),
                "SUPABASE_SERVICE_ROLE_KEY": alnum(40).encode(),
                "INTERNAL_ADMIN_TOKEN": f"{alnum(32)}+/ ü'".encode(),
                "SIGNING_KEY": self._pem(),
                "NEXT_PUBLIC_SUPABASE_URL": b"https://shop.supabase.example",
            },
        }
        repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
        self.declare(DECLARATION)
        (self.path / ".gitignore").write_text(".env*\n", encoding="utf-8")
        for name in self.values:
            self.write_source(name)

    def _pem(self) -> bytes:
        body = base64.encodebytes(alnum(160).encode())
        return b"-----BEGIN SHOP KEY-----\n" + body + b"-----END SHOP KEY-----\n"

    def declare(self, text: str) -> None:
        """Write the declaration."""
        (self.path / ".secops.yaml").write_text(text, encoding="utf-8")

    def write_source(self, environment: str) -> None:
        """Write the dotenv file of an environment."""
        lines = [
            f'{name}="{value.decode().replace("$", chr(92) + "$")}"\n'
            for name, value in self.values[environment].items()
        ]
        (self.path / f".env.{environment}").write_text("# the values\n" + "".join(lines), encoding="utf-8")

    @property
    def env(self) -> dict[str, str]:
        """The variables of a run."""
        return {"GITHUB_API_URL": self.github.url, "GITHUB_TOKEN": self.token}

    def run(self, *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None) -> Outcome:
        """Run the command."""
        return forked.secops("sync-secrets", *arguments, cwd=cwd or self.path, stdin=stdin, env=self.env)

    def start(self, *arguments: str) -> forked.Fork:
        """Start the command, to be killed."""
        return forked.start("sync-secrets", *arguments, cwd=self.path, env=self.env)

    def ask(self, *arguments: str, answers: dict[str, str]) -> Outcome:
        """Run the command on a terminal, and answer."""
        return secops_on_terminal("sync-secrets", *arguments, cwd=self.path, env=self.env, answers=answers)

    def json(self, *arguments: str, code: int) -> dict[str, Any]:
        """What the command prints as JSON."""
        outcome = self.run(*arguments, "--format", "json")
        assert outcome.code == code, outcome.text
        document: dict[str, Any] = json.loads(outcome.out)
        return document

    def states(self, *arguments: str, code: int) -> dict[str, str]:
        """The states of a check, by environment and name."""
        document = self.json("--check", *arguments, code=code)
        return {f"{item['environment']}/{item['name']}": item["state"] for item in document["items"]}

    def secrets(self, environment: str, repository: str = "acme/shop") -> Vault:
        """The secrets of an environment at GitHub."""
        return self.github.world.repository(repository).environments[environment].secrets

    def variables(self, environment: str) -> Shelf:
        """The variables of an environment at GitHub."""
        return self.github.world.repository("acme/shop").environments[environment].variables
