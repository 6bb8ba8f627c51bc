"""What a sync is asked to do, as a value: the declaration, and what narrows or overrides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from secopskit.origin.interface import OriginSurroundings
from secopskit.secret import SecretValue
from secopskit.settings.sync import SyncConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRequest:
    """What is to be synced.

    `config` is the declaration (made from the command line where there is none). `root` is the work
    tree, `state_dir` the directory of the record and the journal, both None outside of a repository.
    `environments` and `names` narrow it, empty for all. `given` are values by (environment, name) that
    take the place of what sources have: a rotation's. `prune` removes what we own and nobody declares.
    `overridden` tells that sinks or repositories are others than the declared ones; `source` names the
    source of a declaration that was made from the command line.
    `tolerant` plans by names and times what a source that cannot be read would tell: for a look where
    sources are not at hand, such as in CI.
    """

    config: SyncConfig
    origins: OriginSurroundings
    root: str | None = None
    state_dir: str | None = None
    environments: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    given: Mapping[tuple[str, str], SecretValue] = field(default_factory=dict)
    prune: bool = False
    tolerant: bool = False
    overridden: bool = False
    source: str = ""

    @property
    def as_declared(self) -> bool:
        """Whether a declaration says where everything goes, and not this call for itself."""
        return self.config.file is not None and not self.overridden
