"""Users of managed databases: DigitalOcean chooses a new password, and the old one ends at once.

A token may be allowed to reset a password and not to see it (`database:update` without
`database:view_credentials`): then nobody would have the new one. So whether it is shown is looked at first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider.digitalocean.account import open_account
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
from secopskit.provider.vendor.database import LoginAnswer, LoginTrial, TryLogin, try_login
from secopskit.provider.vendor.logins import login_url, password_in
from secopskit.provider.vendor.once import may_be_done
from secopskit.provider.vendor.talk import VendorTalk
from secopskit.provider.vendor.waiting import patiently
from secopskit.secret import SecretValue

_POSTGRES: Final = ("postgres", "postgresql")
_SCOPES: Final = "database:read, database:update and database:view_credentials"
_KNOWN: Final = "yes"


@dataclass(frozen=True, slots=True)
class DigitalOceanUserProvider:
    """The rotation of a database user's password. The value is the password, or a URL with it."""

    credential: Credential
    surroundings: Surroundings
    try_login: TryLogin = try_login

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.SINGLE

    @property
    def _settings(self) -> Mapping[str, Any]:
        return self.credential.settings

    @property
    def _user(self) -> str:
        """The user, as declared or as the URL has it; empty for neither."""
        url = login_url(self.credential.old) if self.credential.old else None
        return str(self._settings["user"] or (url.user if url else ""))

    @property
    def _path(self) -> str:
        for name, value in (("cluster", self._settings["cluster"]), ("user", self._user)):
            if not value:
                raise ConfigError(
                    f"{self.credential.id}: a database user needs the setting `{name}`",
                    advice="Both stand in the cluster's page, under Users & Databases.",
                )
        return f"/v2/databases/{self._settings['cluster']}/users/{quote(self._user, safe='')}"

    def _account(self, *hidden: SecretValue) -> VendorTalk:
        return open_account(self._settings, self.surroundings, (*hidden, *self.dies()))

    @property
    def _old(self) -> SecretValue | None:
        """The old password, where it is at hand."""
        return password_in(self.credential.old) if self.credential.old else None

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        user = f"{self._user} of the cluster {self._settings['cluster']}" if self._path else ""
        return Outline(
            create=f"reset the password of {user}",
            verify="compare it with the one that DigitalOcean shows, and log in where the value is a URL",
            revoke="the old password ended with the reset; one login with it is to fail",
            strength="chosen by DigitalOcean",
            costs=(
                "whoever has the old password cannot log in until it has the new one",
                "this cannot be undone: DigitalOcean chooses each password",
            ),
            needs=(f"{self._settings['token_env']}: a token with the scopes {_SCOPES}",),
            unknown=("whether the reset ends open sessions, and how soon it is known: not published",),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        shown = self._shown(self._account())
        if shown is None:
            raise RefusedError(
                f"{self.credential.id}: the token may not see the password, so the new one would be lost",
                advice="Give it the scope database:view_credentials.",
            )
        known = shown == self._old
        if not known and self._old is not None:
            self.surroundings.tell.note(f"{self.credential.id}: the password at hand is not the present one")
        return RotationDraft(memo={"known": _KNOWN if known else "no"})

    def _shown(self, talk: VendorTalk) -> SecretValue | None:
        """The password that the user has now; None where it is not shown."""
        return _password(talk.ask("GET", self._path, doing="looking at the database user"))

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`.

        Where the old password was the present one, another that is shown is the new one already.
        """
        talk = self._account()
        made = self._made_before(draft, talk) or self._reset(draft, talk)
        url = login_url(self.credential.old) if self.credential.old else None
        return NewValue(value=url.with_password(made) if url else made, memo=dict(draft.memo))

    def _made_before(self, draft: RotationDraft, talk: VendorTalk) -> SecretValue | None:
        if draft.memo["known"] != _KNOWN:
            return None
        shown = self._shown(talk)
        return shown if shown != self._old else None

    def _reset(self, draft: RotationDraft, talk: VendorTalk) -> SecretValue:
        try:
            answer = talk.ask(
                "POST", f"{self._path}/reset_auth", doing="resetting the password", again=False, body={}
            )
        except SecopsError as error:
            made = self._made_before(draft, talk) if may_be_done(error) else None
            if made is None:
                raise
            return made
        made = _password(answer) or self._shown(talk)
        if made is None or made == self._old:
            raise SecopsError(
                f"{self.credential.id}: the password was reset, and the new one is not shown",
                advice="Go on once the token has the scope database:view_credentials.",
            )
        return made

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        password = password_in(new.value)
        if self._shown(self._account(password)) != password:
            raise VerificationError(
                f"{self.credential.id}: DigitalOcean shows another password than the new one",
                advice="Has somebody else reset it? Rotate once more.",
            )
        url = login_url(new.value)
        if url is None or not url.head.decode("latin-1").lower().startswith(_POSTGRES):
            return (
                "DigitalOcean shows the new password; no login was tried: the value is no URL of PostgreSQL"
            )
        return f"DigitalOcean shows the new password; {self._insist(new.value)}"

    def _insist(self, url: SecretValue) -> str:
        trials = list[LoginTrial]()

        def admitted() -> bool:
            trials.append(self.try_login(url))
            return trials[-1].answer is not LoginAnswer.REFUSED

        if not patiently(admitted, self.surroundings, self._settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: the new password is refused: {trials[-1].reason}",
                advice="Does the URL name the user that is declared? Try again in some minutes.",
            )
        if trials[-1].answer is LoginAnswer.UNREACHABLE:
            return f"no login was possible: {trials[-1].reason}"
        return "a login was admitted"

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        old, password = self._old, password_in(new.value)
        if old is None:
            return None
        if value == old:
            return password
        url = login_url(value)
        if url is None:
            return exchange(value, old, password)
        same = url.password == old and url.user == self._user
        return url.with_password(password) if same else None

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. The old password has ended by now."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`. The reset was the end of the old password; this looks at it."""
        old, ended = self.credential.old, "the old password ended with the reset"
        if old is None:
            return f"{ended}; it was not tried: it is not at hand"
        if self._shown(self._account(password_in(new.value))) == self._old:
            raise VerificationError(
                f"{self.credential.id}: DigitalOcean still shows the old password", advice="Rotate once more."
            )
        url = login_url(old)
        if url is None or not url.head.decode("latin-1").lower().startswith(_POSTGRES):
            return f"{ended}: DigitalOcean shows another; no login with it was tried"
        trial = self.try_login(old)
        if trial.answer is LoginAnswer.ADMITTED:
            raise VerificationError(
                f"{self.credential.id}: the old password is still admitted",
                advice="Try again in some minutes.",
            )
        refused = trial.answer is LoginAnswer.REFUSED
        return f"{ended}; " + ("a login with it was refused" if refused else f"not tried: {trial.reason}")

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`."""
        if new is None and draft.memo["known"] == _KNOWN and self._shown(self._account()) == self._old:
            return "nothing was reset: the old password is the present one"
        raise RefusedError(
            "a password that was reset cannot be brought back: DigitalOcean chooses each",
            advice="Go on with the rotation.",
        )

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        old = self.credential.old
        return tuple(dict.fromkeys((old, password_in(old)))) if old else ()


def _password(answer: Any) -> SecretValue | None:
    user = answer.get("user") if isinstance(answer, dict) else None
    password = user.get("password") if isinstance(user, dict) else None
    return SecretValue(password.encode()) if isinstance(password, str) and password else None
