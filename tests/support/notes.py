"""A listener for tests of use cases and providers."""

from __future__ import annotations

from typing import Any


class Notes:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def phase(self, name: str) -> None:
        self.notes.append(name)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, what: str = "", total: int = 0) -> Any:
        raise AssertionError("nothing here takes that long")
