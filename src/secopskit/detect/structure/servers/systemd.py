"""Units of systemd: what they give to programs, as variables, as credentials and on command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.commands import options, shell
from secopskit.formats.servers import systemd
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match
    from secopskit.formats.setting import Setting

RULE: Final = "systemd-secret"
# A specifier, which systemd fills in: `%i`, `%d/password`.
_FILLED_IN: Final = prepared(rb"%[A-Za-z](?:[/.@:]|$)")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a unit, or in a file that adds to one."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    yield from judge(systemd.settings(blob.data), place, unless=_is_filled_in)
    commands = place_for(blob.path, RULE, Trust.SETTINGS)
    yield from judge(shell.exported(blob.data), commands)
    yield from judge(options.in_text(blob.data, 0), commands)


def _is_filled_in(setting: Setting) -> bool:
    return _FILLED_IN.match(setting.value) is not None
