"""Secrets in the names of files, for commands that show names and scan no content."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from secopskit.errors import SecopsError
from secopskit.findings import Blob
from secopskit.redaction import SEEN
from secopskit.scan.session import ScanSession

# What no secret that somebody issues lacks; most repositories have no such name, and need no rules then.
_SIGN: Final = re.compile(rb"(?=[A-Za-z0-9_]{0,40}[0-9])(?=[A-Za-z0-9_]{0,40}[A-Za-z])[A-Za-z0-9_]{16}")


def notice_revisions(session: ScanSession, words: str) -> None:
    """Have what the names of refs in the words of a user hold hidden: the target of a report has them."""
    line = os.fsencode(words)
    if _SIGN.search(line):
        found = session.detectors.examine(Blob(path="", data=line))
        SEEN.note_values(one.secret for one in found if one.secret is not None)


def notice_names(opened: Callable[[], ScanSession]) -> None:
    """Have what the names of tracked files hold hidden in all that is said from now on.

    `opened` gives the session. Where there is none to be had, or git fails, nothing is noticed: who shows
    the names tells of that.
    """
    with suppress(SecopsError):
        session = opened()
        if session.repository is None or session.repository.work_tree is None:
            return
        names = session.repository.run("ls-files", "-z").split(b"\0")
        listing = b"\n".join(name for name in names if _SIGN.search(name))
        found = session.detectors.examine(Blob(path="", data=listing)) if listing else ()
        SEEN.note_values(one.secret for one in found if one.secret is not None)
