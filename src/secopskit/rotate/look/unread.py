"""Files that were not looked into for readers of a credential: they may have it, and nobody knows."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from secopskit.findings import Skipped, SkipReason
from secopskit.rotate.model import UnreadFile
from secopskit.sources.content import BINARY_HEAD, is_media, open_regular

_MEDIA: Final = "a picture, sound or font"


def unread_files(skipped: Iterable[Skipped], root: str) -> tuple[UnreadFile, ...]:
    """What was skipped below `root`, but links and what settings exclude; pictures and the like come last."""
    heeded = dict.fromkeys(_unread(one, root) for one in skipped if one.heeded)
    return tuple(sorted(heeded, key=lambda one: one.reason == _MEDIA))


def _unread(skip: Skipped, root: str) -> UnreadFile:
    media = skip.reason is SkipReason.BINARY and _is_media(os.path.join(root, skip.path))
    return UnreadFile(skip.path, _MEDIA if media else skip.reason.value)


def _is_media(path: str) -> bool:
    file = open_regular(path, path)
    if isinstance(file, Skipped):
        return False
    with file:
        try:
            return is_media(file.read(BINARY_HEAD))
        except OSError:
            return False
