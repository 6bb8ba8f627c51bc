"""Inputs of a command: its options and the configuration, made into values that use cases take."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secopskit.errors import GitError, UsageError
from secopskit.git.repository import Repository
from secopskit.migrate.model import Direction
from secopskit.settings.environment import (
    CiContext,
    database_url,
    has_libpq_variables,
    read_actor,
    read_ci_context,
)
from secopskit.settings.migrate import MigrateConfig, check_environment_name, load_migrate

if TYPE_CHECKING:
    from secopskit.migrate.context import MigrationContext
    from secopskit.migrate.guards import MigrationConsent
    from secopskit.migrate.ledger.history import RunRecord
    from secopskit.migrate.plan import PlanRange
    from secopskit.migrate.read.files import Loaded
    from secopskit.migrate.shadow.database import ShadowOptions
    from secopskit.postgres.connect import ConnectionSettings

_SWITCHES = ("single_transaction", "allow_out_of_order", "require_clean_git", "require_tag")


class CommandInputs:
    """What holds for one run of a command. `environment` is the one that --env names; empty: none."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.environment = check_environment_name(options["environment"]) if options["environment"] else ""
        configured = load_migrate(self.root, self.environment, file=options["config"])
        self.settings: MigrateConfig = configured._replace(**_overrides(options))

    @cached_property
    def repository(self) -> Repository | None:
        """The repository we stand in. To migrate, neither it nor git is needed."""
        try:
            return Repository.open(".")
        except GitError:
            return None

    @cached_property
    def root(self) -> str:
        """Where `.secops.yaml` is looked for."""
        return self.repository.root if self.repository else os.getcwd()

    @cached_property
    def surroundings(self) -> CiContext:
        """What CI tells of itself."""
        return read_ci_context()

    @cached_property
    def record(self) -> RunRecord:
        """Who runs this, for the history. Only a run that changes something asks."""
        from secopskit.migrate.ledger.history import RunRecord

        return RunRecord(actor=read_actor(), git_sha=self.surroundings.commit or self._head())

    @property
    def directory(self) -> str:
        """The directory of the migrations, as the user would write it from here."""
        if self.options.get("directory"):
            return str(self.options["directory"])
        near = os.path.relpath(self.settings.dir)
        return self.settings.dir if near.startswith("..") else near

    @property
    def context(self) -> MigrationContext:
        """The context of a use case. Raises UsageError if nothing says which database is meant."""
        return self.context_in(self.directory)

    def context_in(self, directory: str, *, apply_guarded: bool = True) -> MigrationContext:
        """As `context`, with another spelling of the directory, and with or without `apply_guarded`."""
        from secopskit.migrate.context import MigrationContext

        return MigrationContext(
            connection=self._connection(),
            directory=directory,
            settings=self.settings,
            environment=self.environment,
            repository=self.repository,
            shadow=self.shadow if "shadow_url_env" in self.options else None,
            apply_guarded=apply_guarded,
            tree=self.root,
        )

    @property
    def shadow(self) -> ShadowOptions:
        """Where files are tried: a server that the user names, or one of our own."""
        from secopskit.migrate.shadow.database import ShadowOptions

        variable = self.options["shadow_url_env"] or self.settings.shadow_url_env
        return ShadowOptions(
            directory=self.options["postgres_bin"],
            url=database_url(variable),
            superuser=self.options["shadow_superuser"],
        )

    @property
    def consent(self) -> MigrationConsent:
        """What was consented to by options; for the rest, whoever sits at the terminal is asked."""
        from secopskit.cli.terminal.ask import Terminal
        from secopskit.migrate.guards import MigrationConsent

        return MigrationConsent(
            respondent=Terminal(),
            yes=self.options["yes"],
            plan_hash=self.options.get("confirm_production") or "",
        )

    def load(self) -> Loaded:
        """All files, taken apart, for commands that need no database."""
        from secopskit.migrate.read.files import load_migrations

        return load_migrations(self.directory, within=self.root)

    def wanted(self, direction: Direction = Direction.UP) -> PlanRange:
        """How far --to and --steps go."""
        from secopskit.migrate.plan import PlanRange

        return PlanRange(direction=direction, to=self.options["to"], steps=self.options["steps"])

    def _connection(self) -> ConnectionSettings:
        from secopskit.postgres.connect import ConnectionSettings

        named = self.options["database_url_env"]
        variable = named or self.settings.database_url_env
        if url := database_url(variable):
            return ConnectionSettings(conninfo=url, origin=variable)
        if variable != "DATABASE_URL" or named or not has_libpq_variables():
            raise UsageError(
                f"no database: the variable {variable} is not set",
                advice="Set it to the URL of the database (postgresql://user:password@host/name), or name "
                "another variable with --database-url-env. libpq's PG* variables serve as well.",
            )
        return ConnectionSettings()

    def _head(self) -> str:
        if self.repository is None or not self.repository.succeeds("rev-parse", "--verify", "-q", "HEAD"):
            return ""
        return self.repository.run("rev-parse", "HEAD").decode().strip()


def _overrides(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that the command line overrules: an option can ask for more, never for less.

    Two options name what they do without: --during-freeze, and the length of the --countdown.
    """
    found: dict[str, Any] = {name: True for name in _SWITCHES if options.get(name)}
    if options.get("during_freeze"):
        found["freeze"] = ()
    if options.get("countdown") is not None:
        found["countdown"] = options["countdown"] * 1000
    return found
