"""What the head of a migration file asks for: comments that begin with `-- secops:`.

`no-transaction`, `lock-timeout=2s`, `statement-timeout=5min`, `requires=20260101120000,7`; several
may stand in one line. They stand above the first statement, for below it they would be overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from secopskit.migrate.model import Directives, Statement
from secopskit.migrate.read.lexis import SqlFileError
from secopskit.settings.duration import parse_duration

_LINE: Final = re.compile(r"^[ \t]*--[ \t]*secops:[ \t]*(.*)$", re.MULTILINE)
_VERSION: Final = re.compile(r"[0-9][0-9A-Za-z.]{0,63}")
_KNOWN: Final = ("no-transaction", "lock-timeout=…", "statement-timeout=…", "requires=…")


def read_directives(text: str, statements: Sequence[Statement]) -> Directives:
    """The directives above the first of `statements`. Raises SqlFileError."""
    head = statements[0].start if statements else len(text)
    found: dict[str, int | bool | tuple[str, ...]] = {}
    for line in _LINE.finditer(text):
        number = text.count("\n", 0, line.start()) + 1
        if line[1].startswith("allow"):
            continue  # a note to `secops scan`
        if line.start() > head:
            if _stands_between(line.start(), statements):
                raise SqlFileError(
                    "a `-- secops:` line below the first statement",
                    line=number,
                    advice="Move it to the top of the file.",
                )
            continue
        for word in line[1].split():
            _read_word(word, number, found)
    return Directives(**found)  # type: ignore[arg-type]  # each value has the type its name asks for


def _stands_between(offset: int, statements: Sequence[Statement]) -> bool:
    """Whether no statement holds `offset` (in the body of a function, a comment is the function's)."""
    for statement in statements:
        if offset < statement.start:
            return True
        if offset < statement.end or (statement.copy_data and offset < _data_end(statement)):
            return False
    return True


def _data_end(statement: Statement) -> int:
    """At least where the data of a COPY end."""
    return statement.end + len(statement.copy_data or "") + 2


def _read_word(word: str, line: int, found: dict[str, int | bool | tuple[str, ...]]) -> None:
    name, _, value = word.partition("=")
    try:
        match name:
            case "no-transaction" if not value:
                found["transaction"] = False
            case "lock-timeout" | "statement-timeout":
                found[name.replace("-", "_") + "_ms"] = parse_duration(value)
            case "requires":
                found["requires"] = _versions(value)
            case _:
                raise SqlFileError(
                    f"unknown directive {name[:60]!r}", line=line, advice=f"Known: {', '.join(_KNOWN)}."
                )
    except ValueError:
        expected = "versions, separated by commas" if name == "requires" else "500ms, 2s, 5min or 1h"
        raise SqlFileError(f"`{name}=` needs {expected}", line=line, advice="Correct the line.") from None


def _versions(value: str) -> tuple[str, ...]:
    versions = tuple(filter(None, value.split(",")))
    if not versions or not all(map(_VERSION.fullmatch, versions)):
        raise ValueError
    return versions
