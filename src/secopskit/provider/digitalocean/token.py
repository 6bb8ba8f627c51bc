"""Personal access tokens of DigitalOcean: no operation makes, lists or revokes one, so a person does.

What can be checked is: the new one is accepted, and the old one is not (GET /v2/account).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from secopskit.errors import RefusedError
from secopskit.provider.exchange import exchange
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
from secopskit.provider.vendor.talk import open_client, status_of
from secopskit.provider.vendor.waiting import patiently
from secopskit.secret import SecretValue

PAGE: Final = "https://cloud.digitalocean.com/account/api/tokens"
_STEPS: Final = (
    f"Open {PAGE} as the owner of the old token, in the team that it belongs to.",
    "Generate New Token: the scopes of the old one that were needed, and a day on which it expires.",
    "Copy it: it is shown once.",
)
_DELETE: Final = f"Open {PAGE}, choose Delete beside the old token (not the new one), and confirm."
_DEAD: Final = 401
_FORBIDDEN: Final = 403
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class DigitalOceanTokenProvider:
    """The rotation of a personal token, guided."""

    credential: Credential
    surroundings: Surroundings

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.MANUAL

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        return Outline(
            create=" ".join(_STEPS),
            verify="one request with the new token: GET /v2/account",
            revoke=f"{_DELETE} Then one request with the old token is to be refused.",
            strength="chosen by DigitalOcean",
            unknown=(
                "which scopes the new token has",
                "who still uses the old one: its page says when it was last used",
            ),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        if not self.surroundings.respondent.present:
            raise RefusedError(
                f"{self.credential.id}: a personal token is made by a person, and nobody is here",
                advice="Run it on a terminal.",
            )
        return RotationDraft()

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`. Tells the steps, and takes the new token."""
        for number, step in enumerate(_STEPS, 1):
            self.surroundings.tell.note(f"{number}. {step}")
        given = self.surroundings.respondent.reads_secret(f"New token for {self.credential.id}").strip()
        if not given:
            raise RefusedError(
                "no token was given", advice="Nothing was changed here. Run it again when you have it."
            )
        if not (given.isascii() and given.isprintable()) or " " in given:
            raise RefusedError(
                "that is no token: it holds a space, or what is no ASCII", advice="Copy it again."
            )
        token = SecretValue(given.encode())
        if token == self.credential.old:
            raise RefusedError(
                "that is the old token", advice="Generate a new one; the old one stays for now."
            )
        return NewValue(value=token)

    def _status(self, token: SecretValue) -> int:
        client = open_client(self.credential.settings["api_url"], self.surroundings, token=token)
        return status_of(client, "/v2/account")

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        seen = list[int]()

        def accepted() -> bool:
            seen.append(self._status(new.value))
            return seen[-1] in (_OK, _FORBIDDEN)

        if not patiently(accepted, self.surroundings, self.credential.settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: the new token is not accepted ({seen[-1] or 'no answer'})",
                advice="Copy it again: the whole of it, from dop_v1_ on.",
            )
        if seen[-1] == _FORBIDDEN:
            return "the new token is accepted, and may not read the account; other scopes were not looked at"
        return "the new token is accepted; its other scopes were not looked at"

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        return exchange(value, self.credential.old, new.value)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. No operation tells."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`. Tells what to delete, and looks whether it was."""
        old = self.credential.old
        if old is not None and self._status(old) == _DEAD:
            return "the old token is refused"
        respondent = self.surroundings.respondent
        self.surroundings.tell.note(_DELETE)
        if not (respondent.present and respondent.agrees("Is the old token deleted?")):
            raise RefusedError("the old token was not deleted", advice=_DELETE)
        if old is None:
            return "somebody says that the old token is deleted; it was not tried: it is not at hand"
        if not patiently(
            lambda: self._status(old) == _DEAD, self.surroundings, self.credential.settings["patience"]
        ):
            raise VerificationError(f"{self.credential.id}: the old token is not refused", advice=_DELETE)
        return "the old token was deleted, and is refused"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`. What a person made, a person deletes."""
        old = self.credential.old
        if old is not None and self._status(old) == _DEAD:
            raise RefusedError(
                "the old token is deleted, and cannot be brought back", advice="Go on with the new one."
            )
        return f"the old token stays; if a new one was made, delete it at {PAGE}"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return (self.credential.old,) if self.credential.old is not None else ()
