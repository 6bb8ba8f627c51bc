"""Shell scripts and start-up files, batch files and PowerShell: exported variables and options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.detect.structure.tables import sql
from secopskit.findings import Span
from secopskit.formats.commands import options, shell
from secopskit.formats.tables import sql_rows
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "shell-secret"
_START_UP: Final = prepared(
    r"(?i)(?:^|/)\.?(?:bash_?rc|bash_profile|bash_login|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc"
    r"|envrc|exports|extra|secrets|config\.fish)$"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a script. What it passes on counts more than what it keeps in a variable."""
    settings = place_for(blob.path, RULE, Trust.SETTINGS)
    exported = SettingPlace(rule=RULE, trust=Trust.DEPLOYED) if _START_UP.search(blob.path) else settings
    yield from judge(shell.exported(blob.data), exported)
    yield from judge(shell.prefixed(blob.data), settings)
    for read in (shell.kept, shell.defaults):
        yield from judge(read(blob.data), SettingPlace(rule=RULE, trust=Trust.CODE))
    yield from judge(shell.documents(blob.data), settings)
    yield from judge(options.in_text(blob.data, 0), settings)
    yield from sql.detect(blob)


def wholes(data: bytes, *, far: bool = True) -> Iterator[Span]:
    """What cannot be read near its signs alone: here-documents, or all of a script with rows of tables.

    Without `far`, no statement begins in it that might have some.
    """
    if far and sql_rows.may_stand(data):
        yield Span(0, len(data))
    else:
        yield from shell.document_spans(data)
