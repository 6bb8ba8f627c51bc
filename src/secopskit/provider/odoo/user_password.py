"""The password of a user of Odoo, changed by the user over the remote interface."""

from __future__ import annotations

import secrets
from typing import Any, Final

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider.exchange import exchange_whole
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
from secopskit.provider.odoo.faults import MANUAL, OdooFaultError, OdooFaultKind
from secopskit.provider.odoo.rpc import OdooRpc, connect_odoo
from secopskit.secret import SecretValue
from secopskit.web.errors import LostError, WebError

# After five failures from an address Odoo refuses everybody there for a minute, right password or not, and
# says what it says for a wrong one (`base.login_cooldown_after`, `base.login_cooldown_duration`).
_COOL_DOWN_S: Final = 65.0
_BYTES: Final = 32
_NOT_DONE: Final = frozenset(range(300, 500))  # such an answer says that nothing has happened
_NOBODY_GETS_IN: Final = (
    "The password is wrong; or the user has two-factor authentication, for which Odoo takes no password over "
    f"the remote interface; or it refuses everybody for a minute after five failures. {MANUAL}"
)


class UserPassword:
    """The rotation of a user's password. Odoo keeps one a user: the old one ends when the new one begins."""

    def __init__(self, credential: Credential, old: SecretValue, surroundings: Surroundings) -> None:
        settings = credential.settings
        self._url, self._protocol = settings["url"], settings["protocol"]
        self._database, self._login = settings["database"], settings["login"]
        self._old = old
        self._surroundings = surroundings
        self._connection: tuple[OdooRpc, str] | None = None

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.SINGLE

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        return Outline(
            create=f"{self._login} changes its own password in database {self._database} at {self._url}; "
            "the old one ends with it",
            verify=f"logs in as {self._login} over the remote interface",
            revoke="tries the old password, once and last: five failures shut everybody out for a minute",
            strength=f"{_BYTES * 8} bits, URL-safe",
            costs=(
                f"remote logins as {self._login} fail until whoever makes them has the new value",
                f"every web session of {self._login} ends; trusted devices are asked for a second factor",
            ),
            needs=(f"the old value, which must be the password of {self._login} itself, not an API key",),
            unknown=(
                f"API keys of {self._login} stay valid: revoke those that leaked in its preferences",
                "who has the old value outside the places that are declared",
                "log-in in the browser is not tried",
            ),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`. A wrong old value is one failed login."""
        rpc, version = self._connected()
        uid = self._uid(rpc, self._old)
        if uid is None:
            raise SecopsError(
                f"{self._login} does not get in to database {self._database} with the value until now",
                advice=_NOBODY_GETS_IN,
            )
        memo = {"uid": str(uid), "odoo": version, "protocol": rpc.name}
        return RotationDraft(value=SecretValue(secrets.token_urlsafe(_BYTES).encode()), memo=memo)

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`."""
        if draft.value is None:
            raise ConfigError("the plan of this rotation has no new value", advice="Plan it anew.")
        self._change(self._old, draft.value)
        return NewValue(value=draft.value, memo=draft.memo)

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`. One refusal may be a minute in which Odoo refuses everybody."""
        rpc, version = self._connected()
        uid = self._uid(rpc, new.value)
        if uid is None:
            self._surroundings.tell.note("Odoo refuses the new password: trying again in a minute")
            self._surroundings.sleep(_COOL_DOWN_S)
            uid = self._uid(rpc, new.value)
        if uid is None:
            raise VerificationError(f"Odoo refuses the new password of {self._login}", advice=_NOBODY_GETS_IN)
        if str(uid) != new.memo.get("uid", str(uid)):
            raise VerificationError(
                f"{self._login} is another user than before (uid {uid})", advice="Check `database`."
            )
        return f"logged in to Odoo {version} as {self._login} over {rpc.name}; not tried in the browser"

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        return exchange_whole(value, self._old, new.value)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. Nobody can: its sessions have ended."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`. The new password first, so that a refusal of the old one means just that."""
        self.verify(new)
        rpc, _ = self._connected()
        if self._uid(rpc, self._old, again=False) is not None:
            raise VerificationError(
                f"the old password of {self._login} still works",
                advice="Does Odoo ask a directory (LDAP), or was another user meant?",
            )
        return f"the old password of {self._login} was refused, right after the new one was accepted"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`."""
        if draft.value is None:
            return "nothing had changed"
        if self._old.reveal() != self._old.reveal().strip():
            raise RefusedError(
                "the old password begins or ends with a space, which Odoo would take away", advice=MANUAL
            )
        try:
            self._change(draft.value, self._old)
        except (OdooFaultError, VerificationError) as error:
            raise RefusedError(
                f"the old password cannot be set again: {error}", advice=error.advice
            ) from None
        return f"{self._login} has its old password again"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return (self._old,)

    def _connected(self) -> tuple[OdooRpc, str]:
        if self._connection is None:
            self._connection = connect_odoo(self._url, self._protocol, self._surroundings)
        return self._connection

    def _uid(self, rpc: OdooRpc, password: SecretValue, *, again: bool = True) -> int | None:
        """The user's id if the password is right; None (Odoo says `false`) if not, or in a cool-down."""
        try:
            told = rpc.call(
                "common", "authenticate", [self._database, self._login, _word(password), {}], again=again
            )
        except OdooFaultError as fault:
            if fault.kind is OdooFaultKind.DENIED:
                return None
            raise
        return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None

    def _change(self, present: SecretValue, wanted: SecretValue) -> None:
        """Change the password from `present` to `wanted`, unless an earlier try has done so.

        What became of a request whose answer got lost is asked, not guessed.
        """
        rpc, _ = self._connected()
        uid = self._uid(rpc, present)
        if uid is not None and self._ask_for_change(rpc, uid, present, wanted):
            return
        if self._uid(rpc, wanted) is not None:
            return
        if uid is None:
            raise VerificationError(
                f"neither the old nor the new password of {self._login} gets in", advice=_NOBODY_GETS_IN
            )
        raise SecopsError(
            "the answer to the change got lost, and the password is as it was", advice="Try again."
        )

    def _ask_for_change(self, rpc: OdooRpc, uid: int, present: SecretValue, wanted: SecretValue) -> bool:
        """Whether Odoo has said that it is changed; no where the answer got lost."""
        words = [_word(present), _word(wanted)]
        call: list[Any] = [self._database, uid, words[0], "res.users", "change_password", words, {}]
        try:
            return bool(rpc.call("object", "execute_kw", call, again=False))
        except OdooFaultError as fault:
            if fault.kind is OdooFaultKind.DENIED:
                raise OdooFaultError(
                    fault.kind,
                    reason=f"{self._login} gets in, but not with its password: is the value an API key?",
                    advice="An API key is made in the user's preferences: `provider: manual`.",
                ) from None
            raise
        except LostError as error:
            if not error.sent:
                raise
        except WebError as error:
            if error.status in _NOT_DONE:
                raise
        return False


def _word(password: SecretValue) -> str:
    try:
        return password.reveal().decode()
    except UnicodeDecodeError:
        raise ConfigError("the password is no text (UTF-8)", advice=MANUAL) from None
