"""A secret of this user on this machine: what only its holder can have made was made here.

32 random bytes, in a directory of the user's state, outside of any repository: who unpacks an archive
with a repository in it unpacks no such secret.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from secopskit.state.store import own_key

_NAME: Final = "user.key"


def user_secret() -> bytes | None:
    """The secret, made at first use; None where the user has no directory that is nobody else's."""
    directory = state_directory()
    if directory is None:
        return None
    with suppress(OSError):
        if not os.path.lexists(directory):
            if _is_of_others(directory):
                return None
            os.makedirs(directory, mode=0o700, exist_ok=True)
        return own_key(directory, _NAME, create=True)
    return None


def state_directory(environ: Mapping[str, str] = os.environ) -> str | None:
    """Where the user's state is, which is no cache to be thrown away. Nothing relative is believed."""
    places: list[tuple[str, str]] = [("SECOPS_STATE_DIR", ""), ("XDG_STATE_HOME", "secops")]
    if sys.platform == "win32":
        places.append(("LOCALAPPDATA", "secops/State"))
    for variable, name in places:
        if os.path.isabs(place := environ.get(variable, "")):
            return os.path.join(place, name).rstrip(os.sep)
    home = environ.get("HOME") or os.path.expanduser("~")
    if not os.path.isabs(home):
        return None
    mac = sys.platform == "darwin"
    return os.path.join(home, "Library/Application Support/secops" if mac else ".local/state/secops")


def _is_of_others(directory: str) -> bool:
    """Whether root would make `directory` in another user's home, who could not enter it. Raises OSError."""
    if os.name == "nt" or os.geteuid() != 0:
        return False
    above = os.path.dirname(directory)
    while not os.path.lexists(above) and above != os.path.dirname(above):
        above = os.path.dirname(above)
    return os.stat(above).st_uid != 0
