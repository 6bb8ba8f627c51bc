"""The requests to a purge: what is to be planned, how it is to be applied, what a push may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from secopskit.purge.model import ArchiveFate
from secopskit.purge.values.targets import Replacements


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is to do, apart from the values that it is about.

    `paths` are files or directories to be removed from every commit; with `keep_head`, what HEAD has
    there stays, and with `follow` the same content goes at other paths, too. `rotated` names the values
    that are stated to be rotated: `ALL`, numbers of the plan, or beginnings of finding ids; `dead` has the
    fingerprints of those of which another record says so. With
    `places_only`, values that are too short or too common are confined to the files where a scan found
    them, unasked. `archives` is what becomes of archives that hold a value, if that is decided. With
    `keep_ids`, messages go on naming rewritten commits by their old ids. With
    `unstage`, values that are staged and not committed leave the index, not their files. `to_be_applied`
    tells that whatever stands in the way is a refusal; otherwise the plan tells of it. `wait` is how many
    seconds to wait for another purge to end. `jobs` is a number of processes, 0 for one a core.
    """

    paths: tuple[str, ...] = ()
    keep_head: bool = False
    follow: bool = False
    replacements: Replacements = field(default_factory=Replacements)
    rotated: tuple[str, ...] = ()
    dead: frozenset[str] = frozenset()
    places_only: bool = False
    archives: ArchiveFate | None = None
    keep_ids: bool = False
    unstage: bool = False
    to_be_applied: bool = False
    wait: float = 0.0
    jobs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAccess:
    """What of the user's own surroundings a push may use.

    `variables` is the environment, of which git's own settings for a connection are taken. `prompt`
    tells whether git may ask for a password on the terminal.
    """

    variables: Mapping[str, str] = field(repr=False)
    prompt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeApplyRequest:
    """How a plan is to be applied, or a purge that was cut off to be finished, given up or undone.

    `consented` tells that the consent was given beforehand. Without `backup`, none is made, and there is no
    way back; `backup_dir` is where it goes, or lies. With `push`, the remotes get the new history, too.
    `wait` is how many seconds to wait for another purge to end. `jobs` is a number of processes, 0 for one a
    core.
    """

    consented: bool = False
    backup: bool = True
    backup_dir: str | None = None
    wait: float = 0.0
    push: PushAccess | None = None
    jobs: int = 0
