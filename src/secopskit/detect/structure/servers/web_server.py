"""Configurations of web servers: what they give to programs, and what they log in with themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.servers import web_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "web-server-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a configuration of Apache or nginx."""
    yield from judge(web_server.settings(blob.data), place_for(blob.path, RULE, Trust.DEPLOYED))
