"""The records of what was purged: when each value was taken out of the history, and when that was proved.

`<git dir>/secops/purges.json` and `proofs.json`; their form is that of `moments`. The journal of a purge
knows the last one alone; these know all of them. `backups.json` has the paths of backups in the same form.
"""

from __future__ import annotations

from typing import Final

from secopskit.state.moments import MomentRecord

PURGES: Final = MomentRecord(
    file="purges.json",
    name="purged",
    of="purges",
    writer="records a purge",
    advice="Move it away: what was purged before is then unknown, and nothing else is lost.",
    latest=True,
)
"""When a purge took each value out."""

PROOFS: Final = MomentRecord(
    file="proofs.json",
    name="proved",
    of="proofs",
    writer="records a proof",
    advice="Move it away, and look again: secops remediate.",
    latest=True,
)
"""When a look that named the value found none of it."""

BACKUPS: Final = MomentRecord(
    file="backups.json",
    name="made",
    of="backups",
    writer="records a backup",
    advice="Move it away, and destroy the backups that you know of yourself: they hold the values.",
)
"""When each backup of a purge was begun, by its path: whoever destroys it need not tell."""
