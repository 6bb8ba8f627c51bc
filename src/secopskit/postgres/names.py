"""Names of relations as SQL writes them."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")


def sql_name(schema: str, name: str) -> str:
    """A relation's name as it would be written in SQL; `public` goes without saying."""
    parts = (name,) if schema == "public" else (schema, name)
    return ".".join(part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"' for part in parts)
