"""Use case of verification: files, ledger, history and schema, held against each other. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from secopskit.migrate.context import OpenDatabase
from secopskit.migrate.ledger import account, history
from secopskit.migrate.ledger.account import Disagreement
from secopskit.migrate.ledger.history import HashChain
from secopskit.migrate.model import MigrationPlan, ProblemKind
from secopskit.migrate.run import plan as make_plan

if TYPE_CHECKING:
    from secopskit.migrate.look.drift import Drift

# What leaves open which files have made the database.
_UNCLEAR: Final = (
    ProblemKind.EDITED,
    ProblemKind.MISSING,
    ProblemKind.RENAMED,
    ProblemKind.HALF_DONE,
    ProblemKind.DUPLICATE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of a verification. `disagreements` are those of ledger and history.

    `drift` is None where the schema was not compared.
    `wants_schema` says whether it was to be; then it could not, as files and ledger disagree.
    """

    files: int
    plan: MigrationPlan
    chain: HashChain
    disagreements: tuple[Disagreement, ...] = ()
    wants_schema: bool = False
    drift: Drift | None = None

    @property
    def ok(self) -> bool:
        """Whether all that was asked for fits; pending files are no fault."""
        drifted = self.wants_schema and (self.drift is None or bool(self.drift.differences))
        return not (self.plan.blocked or self.chain.broken or self.disagreements or drifted)


def verify(
    database: OpenDatabase, *, head: str = "", schema: bool = False, without: Collection[str] = ()
) -> Verification:
    """Read every file whole, compare every checksum, compute the history's chain anew, and the ledger by it.

    `head` is a row's hash that the history must hold. With `schema`, the applied files also run on a
    shadow, and what they make is compared, `without` these kinds of objects. Raises SecopsError.
    """
    loaded = database.load(whole=True)
    plan = make_plan(database, loaded=loaded)
    chain = history.verify(database.link, head=head)
    differing = account.disagreements(database.applied, account.read_events(database.link))
    drift = None
    if schema and not any(problem.kind in _UNCLEAR for problem in plan.problems):
        from secopskit.migrate.look.drift import find_drift
        from secopskit.migrate.shadow.database import ShadowOptions

        drift = find_drift(
            database.link,
            loaded.migrations,
            database.applied,
            options=database.context.shadow or ShadowOptions(),
            without=without,
        )
    return Verification(
        files=len(loaded.migrations),
        plan=plan,
        chain=chain,
        disagreements=differing,
        wants_schema=schema,
        drift=drift,
    )
