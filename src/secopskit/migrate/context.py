"""The context of a use case: one database to migrate, its files, and the settings that hold there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secopskit.migrate.ledger import versions
from secopskit.migrate.ledger.pin import admit
from secopskit.migrate.model import Applied, Identity, Migration, VersionState
from secopskit.migrate.read.files import Loaded, load_migrations
from secopskit.postgres.connect import ConnectionSettings, Link, connect
from secopskit.settings.migrate import MigrateConfig, is_production

if TYPE_CHECKING:
    from secopskit.git.repository import Repository
    from secopskit.migrate.shadow.database import ShadowOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationContext:
    """What every use case works on; made by the command line and by the server.

    `settings` are the configuration's, after the command line has had its word; `environment` is the
    one that somebody named (empty: none), `repository` the one that we stand in. `shadow` is where
    files are tried (None: on a server of our own). `apply_guarded`: whether a guarded database may be
    changed from here at all. A `directory` in `tree` may not lead out of it.
    """

    connection: ConnectionSettings
    directory: str
    settings: MigrateConfig
    environment: str = ""
    repository: Repository | None = None
    shadow: ShadowOptions | None = None
    apply_guarded: bool = True
    tree: str = ""

    @contextmanager
    def connected(self) -> Iterator[Link]:
        """A connection to whatever database it is; the caller looks before it touches anything."""
        link = connect(self.connection)
        try:
            yield link
        finally:
            link.close()

    @contextmanager
    def opened(self) -> Iterator[OpenDatabase]:
        """A connection to the pinned database, with what it has. Raises RefusedError for any other."""
        with self.connected() as link:
            identity = self.admit(link)
            yield OpenDatabase(context=self, link=link, identity=identity, applied=versions.read(link))

    def admit(self, link: Link) -> Identity:
        """The identity of the database behind `link`, if it is the expected one. Raises RefusedError."""
        return admit(link, environment=self.environment, expected_id=self.settings.identity)

    def guarded(self, identity: Identity) -> bool:
        """Whether a database is guarded as production is, by its name or by the configuration."""
        return self.settings.guard or is_production(self.environment) or is_production(identity.environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDatabase:
    """The pinned database, connected to: which one it is, and what it has applied."""

    context: MigrationContext
    link: Link
    identity: Identity
    applied: tuple[Applied, ...]

    @property
    def guarded(self) -> bool:
        """Whether more than a yes is needed to change it."""
        return self.context.guarded(self.identity)

    def load(self, *, whole: bool = False) -> Loaded:
        """The files. Those that are applied and unchanged are not taken apart, unless `whole`."""
        settled = {row.version: row.checksum for row in self.applied if row.state is VersionState.APPLIED}
        context = self.context
        return load_migrations(context.directory, settled=None if whole else settled, within=context.tree)

    def present(self, migrations: Sequence[Migration]) -> list[Migration]:
        """Those of `migrations` that the database has already, in their order."""
        settled = {
            row.version for row in self.applied if row.state in (VersionState.APPLIED, VersionState.BASELINE)
        }
        return [migration for migration in migrations if migration.version in settled]
