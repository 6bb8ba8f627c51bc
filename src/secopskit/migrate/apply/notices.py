"""What the server says while a file runs: NOTICE, WARNING and INFO, bounded, and without values.

A file's author writes what a NOTICE says, and a trigger may put a row into it. So what stands in it of the
file's own strings is taken out, as are passwords of URLs and settings, verifiers, and what looks like a
token. DETAIL and CONTEXT are not taken at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from secopskit.migrate.apply.progress import ServerSaid, TellEvent
from secopskit.migrate.model import MigrationStep, Script
from secopskit.migrate.read.words import words_of
from secopskit.secret import REDACTED

if TYPE_CHECKING:
    import psycopg
    from psycopg.errors import Diagnostic

MOST_OF_A_FILE: Final = 20
_LONGEST: Final = 400  # characters of one
_SEVERITIES: Final = frozenset({"NOTICE", "WARNING", "INFO"})
_SHORTEST_VALUE: Final = 4
_LARGEST_STATEMENT: Final = 200_000
_NAME: Final = re.compile(r"[a-z_.]+")
_ASKS: Final = frozenset({"select", "call", "comment", "set", "do"})  # their strings name things
_URL_PASSWORD: Final = re.compile(
    r"(\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/@:]{0,200}:)[^\s]+?(@)(?=[^@\s]*(?:\s|\Z))"
)
_SETTING: Final = re.compile(
    r"(?i)(\b\w{0,30}(?:password|passwd|pwd|secret|token|api_?key|credential)s?\w{0,10}[\"']?\s*(?:=>?|:|\bis\b)?\s*"
    r"[\"']?)(?!\s)([^\s\"',;)]{3,})"
)
_VERIFIER: Final = re.compile(
    r"SCRAM-SHA-256\$\S+|\bmd5[0-9a-f]{32}\b|\$2[aby]\$\S{20,}|\beyJ[\w-]{8,}\.[\w.-]+"
)
_TOKEN: Final = re.compile(r"(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*\d)[\w+/=-]{20,}")


@dataclass(slots=True)
class ServerNotices:
    """Listens to the server for the step at hand. `secrets` are values that are never shown."""

    tell: TellEvent
    secrets: tuple[str, ...] = ()
    _step: MigrationStep | None = None
    _values: tuple[str, ...] | None = None
    _heard: dict[str, None] = field(default_factory=dict)
    _left_out: int = 0

    def start(self, step: MigrationStep) -> None:
        """What is said from now on is about `step`."""
        self._step, self._values = step, None
        self._heard, self._left_out = {}, 0

    def listen(self, connection: psycopg.Connection[Any]) -> Callable[[], None]:
        """Listen to a connection as well; call what is returned to stop."""
        connection.add_notice_handler(self._hear)
        return lambda: connection.remove_notice_handler(self._hear)

    @contextmanager
    def listening(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """Listen within the block."""
        stop = self.listen(connection)
        try:
            yield
        finally:
            stop()

    def taken(self) -> tuple[str, ...]:
        """What was said about the step, each thing once, and how much more there was."""
        more = (f"… and {self._left_out} more",) if self._left_out else ()
        return (*self._heard, *more)

    def _hear(self, said: Diagnostic) -> None:
        severity = said.severity_nonlocalized or said.severity or ""
        step = self._step
        if severity not in _SEVERITIES or step is None:
            return
        if self._values is None:
            self._values = tuple(
                sorted({*self.secrets, *values_in(step.script)} - {""}, key=len, reverse=True)
            )
        text = f"{severity}: {redacted(said.message_primary or '', self._values)}"
        if text in self._heard:
            return
        if len(self._heard) >= MOST_OF_A_FILE:
            self._left_out += 1
            if self._left_out == 1:
                self.tell(ServerSaid(step=step, text="… and more, which are not shown"))
            return
        self._heard[text] = None
        self.tell(ServerSaid(step=step, text=text))


def redacted(message: str, values: Iterable[str] = ()) -> str:
    """A message in one bounded line, without `values` (the longest first) and what looks like a secret."""
    text = " ".join(message[: 10 * _LONGEST].split())
    for value in values:
        text = text.replace(value, REDACTED)
    text = _URL_PASSWORD.sub(rf"\1{REDACTED}\2", text)
    text = _VERIFIER.sub(REDACTED, text)
    text = _SETTING.sub(rf"\1{REDACTED}", text)
    text = _TOKEN.sub(REDACTED, text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def values_in(script: Script) -> Iterator[str]:
    """The strings of a file that may be values: not those within a body, which say what to write."""
    for statement in script.statements:
        words = words_of(statement.text[:_LARGEST_STATEMENT])
        asks = bool(words) and words[0].value in _ASKS
        secretive = "password" in statement.text.lower()
        for word in words:
            value = " ".join(word.value.split())
            names_only = asks and not secretive and _NAME.fullmatch(value)
            if (
                word.kind == "text"
                and len(value) >= _SHORTEST_VALUE
                and "\n" not in word.value
                and not names_only
            ):
                yield value
