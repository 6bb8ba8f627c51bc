"""Consent to a change: what must be asked before it, and whether the answer is enough.

Who asks is the caller's affair: a terminal, a test. A declined or mistyped consent is a refusal,
exit code 5, in every command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, assert_never

from secopskit.errors import RefusedError, UsageError

_UNCHANGED = "Nothing was changed."


class Respondent(Protocol):
    """Somebody who can be asked."""

    @property
    def present(self) -> bool:
        """Whether anybody is there: without a terminal nobody is."""

    def agrees(self, question: str) -> bool:
        """The answer to a yes-or-no question; no is the answer to an empty line."""

    def types(self, prompt: str) -> str:
        """What is typed as an answer; empty for an empty line."""


class SecretRespondent(Respondent, Protocol):
    """Somebody who can be asked for a value that nobody else sees."""

    def reads_secret(self, prompt: str) -> str:
        """A value typed or pasted without being shown; empty for an empty line."""


class Nobody:
    """A respondent that is not there: for a caller who has said all beforehand."""

    present = False

    def agrees(self, question: str) -> bool:
        """See `Respondent.agrees`."""
        return False

    def types(self, prompt: str) -> str:
        """See `Respondent.types`."""
        return ""

    def reads_secret(self, prompt: str) -> str:
        """See `SecretRespondent.reads_secret`."""
        return ""


NOBODY: Final = Nobody()


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    """A consent that a yes gives, on a terminal or beforehand (`--yes`)."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedName:
    """A consent that is given by typing a name, of what is about to be changed.

    `unattended` is the advice where nobody can be asked. If it is set, `--yes` is not enough.
    """

    name: str
    prompt: str
    warning: str = ""
    unattended: str = ""


NeededConsent: TypeAlias = YesNo | TypedName


def obtain(needed: NeededConsent, respondent: Respondent, *, yes: bool = False) -> None:
    """Obtain the consent, or raise: then nothing may be changed.

    `yes` is a consent given beforehand. Raises RefusedError for a no, for a mistyped name, and where
    the consent needs a person and none is present; UsageError where `--yes` would have done.
    """
    match needed:
        case YesNo(question=question):
            if not yes:
                _require_somebody(respondent)
                _require(respondent.agrees(question), "declined")
        case TypedName():
            _obtain_name(needed, respondent, yes=yes)
        case _:
            assert_never(needed)


def _obtain_name(needed: TypedName, respondent: Respondent, *, yes: bool) -> None:
    if needed.unattended:
        if not respondent.present:
            raise RefusedError(
                "this needs a consent that names the plan; --yes is not enough", advice=needed.unattended
            )
    elif yes:
        return
    else:
        _require_somebody(respondent)
    prompt = f"{needed.warning}\n{needed.prompt}" if needed.warning else needed.prompt
    _require(respondent.types(prompt).strip() == needed.name, "not confirmed: that is not its name")


def _require_somebody(respondent: Respondent) -> None:
    if not respondent.present:
        raise UsageError("nobody is here to be asked", advice="Look at the plan, then run again with --yes.")


def _require(given: bool, reason: str) -> None:
    if not given:
        raise RefusedError(reason, advice=_UNCHANGED)
