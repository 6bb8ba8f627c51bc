"""Where a command works: the settings that hold, the files, and the way to the database."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secopskit.errors import GitError, UsageError
from secopskit.git.repository import Repository
from secopskit.migrate.model import Applied, Direction, Identity, MigrationPlan, VersionState
from secopskit.settings.environment import (
    CiContext,
    database_url,
    has_libpq_variables,
    read_actor,
    read_ci_context,
)
from secopskit.settings.migrate import MigrateConfig, check_environment_name, is_production, load_migrate

if TYPE_CHECKING:
    from secopskit.migrate.ledger.history import Run
    from secopskit.migrate.read.files import Loaded
    from secopskit.migrate.shadow.database import ShadowOptions
    from secopskit.postgres.connect import ConnectionSettings, Link


class Place:
    """What holds for one run, made from the command's options. `environment` may be empty."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.environment = check_environment_name(options["environment"]) if options["environment"] else ""
        self.settings: MigrateConfig = load_migrate(self.root, self.environment, file=options["config"])

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
        """Where we run."""
        return read_ci_context()

    @cached_property
    def run(self) -> Run:
        """This run, as the history will know it."""
        from secopskit.migrate.ledger.history import Run

        return Run(actor=read_actor(), git_sha=self.surroundings.commit or self._head())

    @property
    def directory(self) -> str:
        """The directory of the migrations, as the user would write it from here."""
        if self.options.get("directory"):
            return str(self.options["directory"])
        near = os.path.relpath(self.settings.dir)
        return self.settings.dir if near.startswith("..") else near

    def load(self, applied: Sequence[Applied] = (), *, whole: bool = False) -> Loaded:
        """The files. Those that are applied and unchanged are not taken apart, unless `whole`."""
        from secopskit.migrate.read.files import load_migrations

        settled = {row.version: row.checksum for row in applied if row.state is VersionState.APPLIED}
        return load_migrations(self.directory, settled=None if whole else settled)

    @property
    def connection(self) -> ConnectionSettings:
        """How to reach the database. Raises UsageError if nothing says so."""
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

    @contextmanager
    def connected(self) -> Iterator[Link]:
        """A connection to whatever database it is; the caller looks before it touches anything."""
        from secopskit.postgres.connect import connect

        link = connect(self.connection)
        try:
            yield link
        finally:
            link.close()

    @contextmanager
    def opened(self) -> Iterator[Open]:
        """A connection to the pinned database, with what it has. Raises RefusedError for any other."""
        from secopskit.migrate.ledger import versions
        from secopskit.migrate.ledger.pin import admit

        with self.connected() as link:
            identity = admit(link, environment=self.environment, expected_id=self.settings.identity)
            yield Open(place=self, link=link, identity=identity, applied=versions.read(link))

    def guarded(self, identity: Identity) -> bool:
        """Whether more than a yes is needed here."""
        return self.settings.guard or is_production(self.environment) or is_production(identity.environment)

    def _head(self) -> str:
        if self.repository is None or not self.repository.succeeds("rev-parse", "--verify", "-q", "HEAD"):
            return ""
        return self.repository.run("rev-parse", "HEAD").decode().strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The pinned database, connected to, and what it has applied."""

    place: Place
    link: Link
    identity: Identity
    applied: tuple[Applied, ...]

    def require_named(self) -> None:
        """Raise RefusedError where a guarded database is about to be changed that nobody named."""
        from secopskit.migrate.guard_production import require_named

        if self.place.guarded(self.identity):
            require_named(self.identity, self.place.environment)

    def plan(self, direction: Direction = Direction.UP, *, loaded: Loaded | None = None) -> MigrationPlan:
        """The plan that the command's options ask for."""
        from secopskit.migrate.plan import make_plan

        loaded = loaded or self.place.load(self.applied)
        options = self.place.options
        return make_plan(
            loaded.migrations,
            self.applied,
            self.identity,
            direction=direction,
            to=options.get("to"),
            steps=options.get("steps"),
            allow_out_of_order=options.get("allow_out_of_order") or self.place.settings.allow_out_of_order,
            problems=loaded.problems,
        )
