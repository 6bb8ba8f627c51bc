"""One role: its password changes, and whoever logs in with the old one fails until it has the new one."""

from __future__ import annotations

from typing import Final

from secopskit.errors import ConfigError, RefusedError
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError
from secopskit.provider.exchange import exchange_beside
from secopskit.provider.interface import (
    STAND_IN,
    Credential,
    NewValue,
    Outline,
    RotationDraft,
    RotationPhase,
    Surroundings,
)
from secopskit.provider.postgres.doors import DatabaseDoors
from secopskit.provider.postgres.dsn import read_dsn
from secopskit.provider.postgres.looks import look_first, tell_of_role
from secopskit.provider.postgres.proof import prove_new, prove_old_is_dead
from secopskit.provider.postgres.roles import read_roles
from secopskit.provider.postgres.statements import (
    end_sessions,
    logged_in_as,
    rehearse,
    require_signals,
    sessions_of,
    set_password,
)
from secopskit.provider.postgres.verifier import RAW, STRENGTH_BITS, new_password, new_salt
from secopskit.secret import SecretValue

_COST: Final = (
    "logins of {role} fail from the change until each reader has the new value and has started anew with it; "
    "sessions that are open go on. `mode: two-roles` has no such gap"
)


class OneRole:
    """The rotation of a password or connection string whose role stays the same."""

    def __init__(self, credential: Credential, doors: DatabaseDoors, surroundings: Surroundings) -> None:
        self._settings = credential.settings
        self._doors = doors
        self._surroundings = surroundings

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.SINGLE

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        role = self._doors.role
        admin = self._settings["admin_url_env"]
        sessions = "ends its earlier sessions, then" if self._settings["end_sessions"] else "ends no session;"
        return Outline(
            create=f"gives {role} a new password (as a SCRAM verifier made here); the old one ends with it",
            verify=f"logs in as {role}, directly first, then through the pooler where one is named",
            drain=f"looks for sessions of {role} that are older than the change",
            revoke=f"{sessions} tries the old password once",
            strength=f"{STRENGTH_BITS} bits, letters and digits",
            costs=(_COST.format(role=role),),
            needs=(
                f"{admin}: a role that may set the password of {role}"
                if admin
                else f"the old value: {role} changes its own password",
            ),
            unknown=(
                "who has the old value outside the places that are declared",
                "poolers that keep passwords may refuse the new one for a while",
                RAW,
            ),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        role, tell = self._doors.role, self._surroundings.tell
        link = self._setter()
        try:
            look_first(link, self._doors, tell)
            found = read_roles(link, (role,)).get(role)
            if found is None:
                raise ConfigError(f"there is no role {role}", advice="Check the user of the value.")
            if found.superuser and logged_in_as(link) == role:
                raise RefusedError(
                    f"{role} is a superuser: a new password that got lost would lock everybody out",
                    advice="Name another role that may set its password in `admin_url_env`.",
                )
            tell_of_role(found, tell)
            rehearse(link, role, login=False)
            if self._settings["end_sessions"]:
                require_signals(link, role)
        finally:
            link.close()
        word = new_password()
        return RotationDraft(value=self._doors.value_for(role, word), memo={"role": role, "salt": new_salt()})

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`. Without an administrator a second call finds the new password in place."""
        if draft.value is None:
            raise ConfigError("the plan of this rotation has no new value", advice="Plan it anew.")
        word = self._doors.password_of(draft.value)
        changed = self._set(self._doors.old_password, word, draft)
        return NewValue(value=draft.value, memo={**draft.memo, "changed_at": changed})

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        word = self._doors.password_of(new.value)
        return prove_new(self._doors, self._doors.role, word, sleep=self._surroundings.sleep)

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`.

        The same role with the same password is the same credential, whatever host and database it
        is used for. In a text that is no connection string of ours the role has to stand, too.
        """
        word, old, role = self._doors.password_of(new.value), self._doors.old_password, self._doors.role
        found = read_dsn(value)
        if found is not None:
            same = found.role == role and found.password == old
            return found.with_login(role, word) if same else None
        return exchange_beside(value, old, word, user=role)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return NewValue(value=self._doors.value_for(self._doors.role, STAND_IN.value))

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. Sessions that are older than the change began with the old password."""
        link = self._reader(new)
        try:
            return sessions_of(link, self._doors.role, since_before=new.memo.get("changed_at") or None)
        finally:
            link.close()

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`. The old password has ended with `create`; this looks whether it has."""
        role = self._doors.role
        word = self._doors.password_of(new.value)
        ended = 0
        if self._settings["end_sessions"]:
            link = self._reader(new)
            try:
                ended = end_sessions(link, role, since_before=new.memo.get("changed_at") or None)
            finally:
                link.close()
        seen = prove_old_is_dead(self._doors, (role, self._doors.old_password), (role, word))
        return f"{seen}; {ended} sessions ended" if ended else seen

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`. Logins with the new value fail from then on."""
        if draft.value is None:
            return "nothing had changed"
        try:
            self._set(self._doors.password_of(draft.value), self._doors.old_password, draft)
        except DatabaseError as error:
            raise RefusedError(
                f"the old password of {self._doors.role} cannot be set again: {error}", advice=error.advice
            ) from None
        return f"{self._doors.role} has its old password again"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return self._doors.dies

    def _setter(self) -> Link:
        """Whoever sets the password: the administrator, else the role itself with its old one."""
        if self._doors.admin is not None:
            return self._doors.as_admin()
        return self._doors.as_role(self._doors.role, self._doors.old_password)

    def _reader(self, new: NewValue) -> Link:
        if self._doors.admin is not None:
            return self._doors.as_admin()
        return self._doors.as_role(self._doors.role, self._doors.password_of(new.value))

    def _set(self, present: SecretValue, wanted: SecretValue, draft: RotationDraft) -> str:
        """Change the password from `present` to `wanted`, unless that has been done; when that was.

        Where the role does it itself, it may have lost the answer of an earlier try.
        """
        role = self._doors.role
        done = False
        if self._doors.admin is not None:
            link = self._doors.as_admin()
        else:
            link, done = self._with_either(present, wanted)
        try:
            return "" if done else set_password(link, role, wanted, salt=draft.memo["salt"], login=False)
        finally:
            link.close()

    def _with_either(self, present: SecretValue, wanted: SecretValue) -> tuple[Link, bool]:
        try:
            return self._doors.as_role(self._doors.role, present), False
        except DatabaseError as first:
            try:
                return self._doors.as_role(self._doors.role, wanted), True
            except DatabaseError:
                raise first from None
