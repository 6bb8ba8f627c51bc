"""The provider `manual`: a person makes the new value and ends the old one; we say how, and check both.

It serves whatever no other provider can rotate, so nothing that was found is left out. The steps are
those of the declaration, else of the rule that found it. Where the rule says what the issuer can be asked
(`secopskit.verify`), both values are tried; else it is said that nobody looked.
"""

from __future__ import annotations

from typing import Final

from secopskit.errors import ConfigError, RefusedError, SecopsError, UsageError
from secopskit.findings import VerificationState
from secopskit.provider.exchange import exchange
from secopskit.provider.guidance import Guidance, guidance_for
from secopskit.provider.interface import (
    STAND_IN,
    Credential,
    NewValue,
    Outline,
    RotationDraft,
    RotationPhase,
    Surroundings,
    VerificationError,
)
from secopskit.provider.taking import take_value
from secopskit.rules.inquiry import Inquiry
from secopskit.secret import SecretValue
from secopskit.settings.options import FLAG, Option, Text, ValueKind, one_text, text_list
from secopskit.verify.ask import Asker, ask_once
from secopskit.verify.model import IssuerAnswer
from secopskit.web.retry import RetryPolicy

_TRIES: Final = 3
_PAUSE_S: Final = 5.0
_POLICY: Final = RetryPolicy(tries=3, patience=60.0)
_UNKNOWN_VENDOR: Final = "Make a new value where the old one came from."


def _address(value: Text) -> str:
    from secopskit.web.wire import check_base_url

    text = one_text(value)
    try:
        return check_base_url(text) if text else ""
    except ConfigError:
        raise ValueError from None


def _sentences(value: Text) -> tuple[str, ...]:
    return tuple(text_list(value if isinstance(value, list) else [value]))


_ADDRESS: Final = ValueKind("https URL, or nothing", _address)
SETTINGS: Final = (
    Option(
        "rule",
        ValueKind("rule id, or nothing", one_text),
        "",
        "What it is, as the id of a rule: its steps, its form and its check are used.",
        "rotate",
    ),
    Option(
        "steps", ValueKind("list of sentences", _sentences), "", "What the person is told to do.", "rotate"
    ),
    Option("url", ValueKind("URL, or nothing", one_text), "", "The page where it is made anew.", "rotate"),
    Option("check", FLAG, "true", "Whether the vendor is asked if the values work.", "rotate"),
    Option("check_url", _ADDRESS, "", "The base of the vendor's API, where it is your own server.", "rotate"),
)


def provider(credential: Credential, surroundings: Surroundings) -> ManualProvider:
    """The rotation of a value by a person."""
    return ManualProvider(credential, surroundings)


class ManualProvider:
    """A value that a person makes and ends. See `secopskit.provider.interface.Provider`."""

    phase = RotationPhase.MANUAL

    def __init__(self, credential: Credential, surroundings: Surroundings) -> None:
        self._credential = credential
        self._around = surroundings
        self._rule = credential.settings["rule"] or credential.rule_id
        self._guidance = guidance_for(self._rule)
        asked = self._guidance.inquiry if self._guidance else None
        self._check = asked if credential.settings["check"] else None
        if credential.settings["rule"] and self._guidance is None:
            raise ConfigError(
                f"{credential.id}: there is no rule called `{self._rule}`",
                advice="`secops rules list` has them all.",
            )

    # --- the plan -----------------------------------------------------------------------------

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        looks = f"Ask {self._host(self._check)} whether it works." if self._check else "Nobody can be asked."
        unknown = () if self._check else ("Whether the values work is not looked at.",)
        return Outline(
            create=" ".join((*self._steps(), "Then type or paste the new value; it is not shown.")),
            verify=looks,
            revoke="You end the old value at the vendor; "
            + ("it is then tried once more." if self._check and self._credential.old else "you say when."),
            needs=("a person at the terminal",),
            unknown=unknown,
        )

    def _steps(self) -> tuple[str, ...]:
        """What the person is told, in sentences: with the page where to do it."""
        settings, guidance = self._credential.settings, self._guidance
        told = settings["steps"] or ((guidance.remediation,) if guidance else (_UNKNOWN_VENDOR,))
        page = settings["url"] or _page(guidance)
        return (*told, f"See {page} .") if page else tuple(told)

    def _host(self, check: Inquiry) -> str:
        base: str = self._credential.settings["check_url"]
        return base.partition("://")[2].partition("/")[0] or check.host

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`. Raises UsageError where nobody can be asked, RefusedError for a no."""
        if not self._around.respondent.present:
            raise UsageError(
                f"{self._credential.id}: a person has to make the new value, and nobody is here to be asked",
                advice="Run it on a terminal.",
            )
        self._agree_on_host()
        return RotationDraft()

    def _agree_on_host(self) -> None:
        """A declaration may name where the values are tried: it must not get them by that alone."""
        place = self._credential.settings["check_url"]
        if self._check is None or not place:
            return
        question = (
            f"The declaration wants both values of {self._credential.id} sent to {self._host(self._check)}, "
            "to see whether they work. Is that a server of yours?"
        )
        if not self._around.respondent.agrees(question):
            raise RefusedError(
                f"{self._credential.id}: `check_url` was not agreed to",
                advice="Leave it out of the declaration.",
            )

    # --- the new value ------------------------------------------------------------------------

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`. Raises RefusedError where no new value is given."""
        for step in self._steps():
            self._around.tell.note(step)
        given = take_value(self._credential, self._around, self._rule, self._doubt_of)
        return NewValue(value=given)

    def _doubt_of(self, value: SecretValue) -> str:
        """Why the vendor might not know the value, in a sentence; empty for no doubt."""
        seen = self._look(self._check, value) if self._check else None
        return f"It does not work yet ({seen.detail})." if seen and _is_dead(seen) else ""

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`. Raises SecopsError where the vendor cannot be reached."""
        if self._check is None:
            return "Whether it works was not looked at: for this kind nobody can be asked."
        seen = self._look_while(self._check, new.value, VerificationState.INACTIVE)
        if _is_dead(seen):
            raise VerificationError(
                f"{self._credential.id}: the new value does not work ({seen.detail})",
                advice="Was it copied whole, and is it enabled? `check_url` names a server of your own.",
            )
        if not seen.answered:
            raise SecopsError(
                f"{self._credential.id}: whether the new value works cannot be seen: {seen.detail}",
                advice="Go on when the vendor can be reached, or declare `check: false`.",
            )
        if seen.state is VerificationState.ACTIVE:
            return f"It works{_for_whom(seen)} ({seen.detail})."
        return f"It is not known to work or not ({seen.detail})."

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        return exchange(value, self._credential.old, new.value)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`: vendors do not tell."""
        return ""

    # --- the end of the old value -------------------------------------------------------------

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`. Raises RefusedError for a no, UsageError where nobody can be asked."""
        seen = self._old_look()
        if seen is not None and _is_dead(seen):
            return f"The old value is dead ({seen.detail})."
        self._told_to_revoke()
        seen = self._old_look(VerificationState.ACTIVE)
        if seen is None:
            return "You said that the old value is revoked; that was not looked at."
        if _is_dead(seen):
            return f"The old value is dead ({seen.detail})."
        if seen.state is VerificationState.ACTIVE:
            raise VerificationError(
                f"{self._credential.id}: the old value still works ({seen.detail})",
                advice="Revoke it at the vendor, then go on with --resume.",
            )
        return f"You said that the old value is revoked; that could not be seen: {seen.detail}."

    def _told_to_revoke(self) -> None:
        if not self._around.respondent.present:
            raise UsageError(
                f"{self._credential.id}: a person has to revoke the old value, and nobody is here",
                advice="Revoke it at the vendor, then go on with --resume on a terminal.",
            )
        for step in self._steps():
            self._around.tell.note(step)
        question = f"Is the old value of {self._credential.id} revoked at the vendor?"
        if not self._around.respondent.agrees(question):
            raise RefusedError(
                f"{self._credential.id}: the old value is not revoked",
                advice="Go on with --resume when it is.",
            )

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`: the old value was never touched."""
        if new is None:
            return "Nothing was made."
        return "The old value is as it was. The new one exists: revoke it at the vendor."

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        old = self._credential.old
        return (old,) if old else ()

    def _old_look(self, unwanted: VerificationState | None = None) -> IssuerAnswer | None:
        """The old value tried; None where nobody can be asked, or the value is not at hand."""
        old = self._credential.old
        return self._look_while(self._check, old, unwanted) if self._check and old else None

    def _look_while(
        self, check: Inquiry, value: SecretValue, unwanted: VerificationState | None
    ) -> IssuerAnswer:
        """The value tried, and again where the answer is `unwanted`: vendors take a moment to know."""
        seen = self._look(check, value)
        for _ in range(_TRIES - 1):
            if seen.state is not unwanted:
                break
            self._around.sleep(_PAUSE_S)
            seen = self._look(check, value)
        return seen

    def _look(self, check: Inquiry, value: SecretValue) -> IssuerAnswer:
        return ask_once(
            check,
            value,
            Asker(
                tell=self._around.tell,
                sleep=self._around.sleep,
                now=self._around.now,
                policy=_POLICY,
                base_url=self._credential.settings["check_url"],
            ),
        )


def _is_dead(seen: IssuerAnswer) -> bool:
    return seen.state is VerificationState.INACTIVE


def _for_whom(seen: IssuerAnswer) -> str:
    return f" as {seen.account}" if seen.account else ""


def _page(guidance: Guidance | None) -> str:
    """The page to look at, where the sentences name none."""
    return guidance.pages[0] if guidance and guidance.pages else ""
