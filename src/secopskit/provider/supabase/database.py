"""The database password of a Supabase project: one at a time, chosen here, tried directly and then pooled.

The shared pooler keeps passwords for a while and may refuse the new one at first; clients that go on with
the old one make it block their address for minutes. So the pooler is asked last, patiently, and never
with the old password. Source: https://supabase.com/docs/guides/troubleshooting, "Supavisor error:
password authentication failed" after a rotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from secopskit.errors import RefusedError
from secopskit.postgres.poolers import SupabaseHost, supabase_host
from secopskit.provider.exchange import exchange, exchange_whole
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
from secopskit.provider.supabase.project import SupabaseProject, open_project, project_ref
from secopskit.provider.vendor.database import LoginAnswer, LoginTrial, TryLogin, try_login
from secopskit.provider.vendor.logins import LoginUrl, login_url, password_in
from secopskit.provider.vendor.making import PASSWORD_BITS, made_password
from secopskit.provider.vendor.waiting import PAUSE_S, patiently
from secopskit.secret import SecretValue

_USER: Final = "postgres"
_PRIMARY: Final = "PRIMARY"


@dataclass(frozen=True, slots=True)
class SupabasePasswordProvider:
    """The rotation of the password of the role `postgres`. The value is the password, or a URL with it."""

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
    def _ref(self) -> str:
        return project_ref(self.credential)

    def _project(self, *hidden: SecretValue) -> SupabaseProject:
        old = self.credential.old
        known = (old, password_in(old)) if old else ()
        return open_project(self.credential, self.surroundings, (*hidden, *known))

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        return Outline(
            create=f"set a new password of the role {_USER} in the project {self._ref}",
            verify="log in directly, then through the pooler, at least two seconds apart",
            revoke="the old password ends when the new one is set; one direct login with it is to fail",
            strength=f"{PASSWORD_BITS} bits",
            costs=(
                "whoever has the old password cannot log in until it has the new one; open sessions stay",
                "the pooler may block the address of clients that go on with the old one, for minutes",
            ),
            needs=(f"{self._settings['token_env']}: an access token that may set the database's password",),
            unknown=("which clients have the old password, beyond the values declared here",),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`. Whether the token may change the password, Supabase does not say before."""
        self._check_old()
        self._project().api_keys()  # the token is good, and the project is there
        return RotationDraft(value=made_password(), memo={"project": self._ref})

    def _check_old(self) -> None:
        old = self.credential.old
        url = login_url(old) if old else None
        if url is not None and not self._concerns(url):
            raise RefusedError(
                f"{self.credential.id}: this URL is not one of the role {_USER} of the project {self._ref}",
                advice="A role of its own is rotated by the provider `postgres`.",
            )

    def _concerns(self, url: LoginUrl) -> bool:
        """Whether a URL logs in as the role whose password is set, in this project."""
        kinds = {supabase_host(host) for host in url.hosts}
        if kinds == {SupabaseHost.DIRECT}:
            return url.user == _USER and all(host.startswith(f"db.{self._ref}.") for host in url.hosts)
        if kinds == {SupabaseHost.POOLER}:
            return url.user == f"{_USER}.{self._ref}"
        declared = (_declared(self._settings[key]) for key in ("direct_url", "pooler_url"))
        return any(each and (each.user, each.hosts) == (url.user, url.hosts) for each in declared)

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`. The same password set twice is the same."""
        password = _drafted(draft)
        self._set(password)
        old = self.credential.old
        url = login_url(old) if old else None
        value = url.with_password(password) if url else password
        return NewValue(value=value, memo=dict(draft.memo))

    def _set(self, password: SecretValue) -> None:
        project = self._project(password)
        project.talk.ask(
            "PATCH",
            f"{project.path}/database/password",
            doing="setting the database's password",
            body={"password": password.reveal().decode()},
        )

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        password = password_in(new.value)
        direct = self._insist(self._direct(password), "directly")
        pooled = self._pooled(password)
        if pooled is None:
            return f"{direct}; there is no pooler to ask"
        self.surroundings.sleep(PAUSE_S)
        return f"{direct}; {self._insist(pooled, 'through the pooler')}"

    def _insist(self, url: SecretValue, how: str) -> str:
        """Log in until it is admitted; a sentence. Raises VerificationError where the password is refused."""
        trials = list[LoginTrial]()

        def admitted() -> bool:
            trials.append(self.try_login(url))
            return trials[-1].answer is not LoginAnswer.REFUSED

        if not patiently(admitted, self.surroundings, self._settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: the password that was set is refused {how}: {trials[-1].reason}",
                advice="Try again in some minutes: how soon a password is known everywhere is not published.",
            )
        if trials[-1].answer is LoginAnswer.UNREACHABLE:
            return f"it was not tried {how}: {trials[-1].reason}"
        return f"a login {how} was admitted"

    def _direct(self, password: SecretValue) -> SecretValue:
        declared = self._settings["direct_url"]
        place = declared or f"postgresql://{_USER}@db.{self._ref}.supabase.co:5432/postgres"
        return _filled(str(place), password)

    def _pooled(self, password: SecretValue) -> SecretValue | None:
        """The URL of the pooler, as declared or as Supabase has it."""
        if self._settings["pooler_url"]:
            return _filled(self._settings["pooler_url"], password)
        project = self._project(password)
        found = project.talk.ask(
            "GET",
            f"{project.path}/config/database/pooler",
            doing="looking for the pooler",
            missing=True,
            expects=list,
        )
        for each in (each for each in found or () if isinstance(each, dict)):
            if each.get("database_type") == _PRIMARY and supabase_host(str(each.get("db_host"))):
                user, name = (quote(str(each.get(key) or ""), safe="") for key in ("db_user", "db_name"))
                port = str(each.get("db_port") or "")
                if not (user and name and port.isascii() and port.isdigit()):
                    raise project.talk.misunderstood("looking for the pooler")
                return _filled(f"postgresql://{user}@{each['db_host']}:{port}/{name}", password)
        return None

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        old, password = self.credential.old, password_in(new.value)
        url = login_url(value)
        if url is not None:
            same = old is None or url.password == password_in(old)
            return url.with_password(password) if same and self._concerns(url) else None
        if old is None:
            return None
        named = self._ref.encode() in value.reveal()
        return (exchange if named else exchange_whole)(value, password_in(old), password)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. The old password has ended by now; its sessions last."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`. One login with the old password, directly: never through the pooler."""
        if self.credential.old is None:
            return "the old password ended when the new one was set; it was not tried: it is not at hand"
        trial = self.try_login(self._direct(password_in(self.credential.old)))
        if trial.answer is LoginAnswer.ADMITTED:
            raise VerificationError(
                f"{self.credential.id}: the old password is still admitted",
                advice="Check `project` and `direct_url`: is this the database whose password was set?",
            )
        if trial.answer is LoginAnswer.REFUSED:
            return "the old password ended when the new one was set; a direct login with it was refused"
        return f"the old password ended when the new one was set; it was not tried: {trial.reason}"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`. Sets the old password again."""
        if self.credential.old is None:
            raise RefusedError(
                "the old password is not at hand, so it cannot be set again", advice="Go on with the new one."
            )
        old = password_in(self.credential.old)
        self._set(old)
        return f"the old password was set again; {self._insist(self._direct(old), 'directly')}"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        old = self.credential.old
        return tuple(dict.fromkeys((old, password_in(old)))) if old else ()


def _drafted(draft: RotationDraft) -> SecretValue:
    if draft.value is None:
        raise ValueError("the draft has no value: prepare chooses it")
    return draft.value


def _filled(url: str, password: SecretValue) -> SecretValue:
    """A declared URL, which has a user and no password, with one."""
    head, at, tail = url.partition("@")
    return SecretValue(
        f"{head}:".encode() + quote(password.reveal(), safe="").encode() + (at + tail).encode()
    )


def _declared(url: str) -> LoginUrl | None:
    return login_url(_filled(url, SecretValue(b"-"))) if url else None
