"""Connection poolers: how to tell that one stands between, and what Supabase's ask for.

Behind a pooler in transaction mode each transaction may run on another server connection. So a
session has no settings and no locks: only `SET LOCAL` and transaction locks hold.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

_DIRECT: Final = re.compile(r"db\.[a-z0-9]+\.supabase\.(?:co|red|net)\.?", re.IGNORECASE)
_POOLER: Final = re.compile(r"[a-z0-9-]+\.pooler\.supabase\.(?:com|co|red|net)\.?", re.IGNORECASE)


class SupabaseHost(Enum):
    """Which of a Supabase project's doors a host name is."""

    DIRECT = "direct"
    POOLER = "pooler"


def supabase_host(host: str) -> SupabaseHost | None:
    """What `host` is to Supabase; None for any other host."""
    if _DIRECT.fullmatch(host):
        return SupabaseHost.DIRECT
    return SupabaseHost.POOLER if _POOLER.fullmatch(host) else None


def advice_for_host(host: str, reason: str) -> str:
    """What to do about a failed connection to a host of Supabase; empty for another host."""
    kind = supabase_host(host)
    if kind is None:
        return ""
    if re.search(r"certificate|ssl", reason, re.IGNORECASE):
        return (
            "Supabase signs with an authority of its own: download its certificate from the database "
            "settings of the project and name it with sslrootcert=FILE."
        )
    if kind is SupabaseHost.DIRECT:
        return (
            "db.<project>.supabase.co has an IPv6 address only. Where IPv6 is missing, as on most CI "
            "machines, use the session pooler: <region>.pooler.supabase.com, port 5432, "
            "user postgres.<project>."
        )
    return (
        "Supabase's pooler listens on 5432 (session mode: the better choice for migrations) and 6543 "
        "(transaction mode), and wants the user postgres.<project>."
    )
