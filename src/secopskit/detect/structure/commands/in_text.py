"""Command lines in files that are no scripts by their names: documents, histories, logs, code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.detect.structure import is_shell_script
from secopskit.detect.structure.commands import shell as scripts
from secopskit.detect.structure.tables import sql
from secopskit.formats.commands import options, programs, shell
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

# What a shell has kept or shown: it was run like that.
_RECORDS: Final = prepared(r"(?i)(?:history|\.log|\.out|console|transcript)[^/]{0,20}$")
_DOCUMENTS: Final = prepared(
    r"(?i)(?:\.(?:md|markdown|mdx|rst|adoc|asciidoc|txt|text|ipynb|html?)|/?[^/.]{1,80})$"
)
# Formats with scripts inside, whose keys and values other detectors read.
_SCRIPTED: Final = prepared(r"(?i)\.ya?ml$")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in the command lines of a file of any kind."""
    if is_shell_script(blob.data):
        yield from scripts.detect(blob)
    elif _RECORDS.search(blob.path):
        yield from _lines(blob, place_for(blob.path, scripts.RULE, Trust.SETTINGS))
    elif _DOCUMENTS.search(blob.path):
        yield from _lines(blob, place_for(blob.path, scripts.RULE, Trust.CODE))
    else:
        place = place_for(blob.path, scripts.RULE, Trust.CODE)
        if _SCRIPTED.search(blob.path):
            yield from judge(shell.exported(blob.data), place)
            yield from judge(shell.prefixed(blob.data), place)
        yield from judge(programs.settings(blob.data, 0), place)


def _lines(blob: Blob, place: SettingPlace) -> Iterator[Match]:
    yield from judge(shell.exported(blob.data), place)
    yield from judge(shell.prefixed(blob.data), place)
    yield from judge(options.in_text(blob.data, 0), place)
    yield from sql.judged(blob, place.trust)
