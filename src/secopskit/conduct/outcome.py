"""The outcome of a change: what became of a plan that was carried out."""

from __future__ import annotations

from typing import Protocol

from secopskit.errors import ExitCode


class ChangeOutcome(Protocol):
    """An outcome: a frozen value that says what was done, and by its code how well."""

    @property
    def code(self) -> ExitCode:
        """The exit code of a command that ends with this outcome."""
