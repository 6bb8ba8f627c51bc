"""Two roles in turn: while one is used, the other gets a new password, and then they change places."""

from __future__ import annotations

from secopskit.errors import ConfigError, RefusedError
from secopskit.postgres.connect import Link
from secopskit.provider.exchange import exchange_whole
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
from secopskit.provider.postgres.roles import read_roles, require_twins
from secopskit.provider.postgres.statements import (
    end_sessions,
    logged_in_as,
    may_log_in,
    rehearse,
    require_signals,
    sessions_of,
    set_password,
    shut,
)
from secopskit.provider.postgres.verifier import RAW, STRENGTH_BITS, new_password, new_salt
from secopskit.secret import SecretValue


class TwoRoles:
    """The rotation of a connection string by a second role. No login fails in the meantime."""

    def __init__(self, credential: Credential, doors: DatabaseDoors, surroundings: Surroundings) -> None:
        self._settings = credential.settings
        self._doors = doors
        self._surroundings = surroundings
        self._role, self._next = doors.role, _turn(credential, doors)

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.DUAL

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        current = self._role
        sessions = "ends its sessions" if self._settings["end_sessions"] else "its open sessions go on"
        return Outline(
            create=f"gives the role {self._next} a new password (as a SCRAM verifier made here) and LOGIN; "
            "roles are never made: what is missing is said, with the SQL",
            verify=f"logs in as {self._next}, directly first, then through the pooler where one is named",
            drain=f"waits for the sessions of {current} to end",
            revoke=f"takes password and LOGIN from {current}, so that the next rotation can turn back to it "
            f"({sessions}), and tries the old login once",
            strength=f"{STRENGTH_BITS} bits, letters and digits",
            needs=(
                f"{self._settings['admin_url_env']}: a role that may set the passwords of both",
                f"{current} and {self._next}: members of one owner role that each acts as",
            ),
            unknown=(
                f"whether anybody who has no session now logs in as {self._next}: their password ends",
                "who has the old value outside the places that are declared",
                RAW,
            ),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        link = self._doors.as_admin()
        try:
            look_first(link, self._doors, self._surroundings.tell)
            owner = self._require_roles(link)
            for role in (self._next, self._role):
                rehearse(link, role, login=True)
            if self._settings["end_sessions"]:
                require_signals(link, self._role)
        finally:
            link.close()
        memo = {"role": self._next, "old_role": self._role, "owner": owner, "salt": new_salt()}
        return RotationDraft(value=self._doors.value_for(self._next, new_password()), memo=memo)

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`."""
        if draft.value is None:
            raise ConfigError("the plan of this rotation has no new value", advice="Plan it anew.")
        link = self._doors.as_admin()
        try:
            role = draft.memo["role"]
            set_password(
                link, role, self._doors.password_of(draft.value), salt=draft.memo["salt"], login=True
            )
        finally:
            link.close()
        return NewValue(value=draft.value, memo=draft.memo, companions=self._companions(role))

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        return prove_new(
            self._doors,
            new.memo["role"],
            self._doors.password_of(new.value),
            acts_as=new.memo["owner"],
            sleep=self._surroundings.sleep,
        )

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`.

        The same role with the same password is the same credential, whatever host and database it
        is used for. Raises RefusedError for the bare password, whose user stands elsewhere and stays.
        """
        found = read_dsn(value)
        if found is not None:
            same = found.role == new.memo["old_role"] and found.password == self._doors.old_password
            return found.with_login(new.memo["role"], self._doors.password_of(new.value)) if same else None
        word = exchange_whole(value, self._doors.old_password, self._doors.password_of(new.value))
        if word is not None and not new.companions:  # the setting may have changed since they were made
            raise RefusedError(
                f"a bare password of {self._role} cannot turn to another role: its user is elsewhere",
                advice="Name where in `user_name`, or rotate it with `mode: one-role`. Roll back first what "
                "is under way.",
            )
        return word

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return NewValue(
            value=self._doors.value_for(self._next, STAND_IN.value),
            memo={"role": self._next, "old_role": self._role},
            companions=self._companions(self._next),
        )

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`."""
        link = self._doors.as_admin()
        try:
            return sessions_of(link, new.memo["old_role"])
        finally:
            link.close()

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`."""
        old = new.memo["old_role"]
        link = self._doors.as_admin()
        try:
            shut(link, old)
            ended = end_sessions(link, old) if self._settings["end_sessions"] else 0
            left = sessions_of(link, old)
        finally:
            link.close()
        seen = prove_old_is_dead(
            self._doors,
            (old, self._doors.old_password),
            (new.memo["role"], self._doors.password_of(new.value)),
        )
        more = [f"{ended} sessions ended"] if ended else []
        more += [f"still open, as sessions outlive a password: {left}"] if left and not ended else []
        return "; ".join([seen, *more])

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`."""
        role, old = draft.memo["role"], draft.memo["old_role"]
        link = self._doors.as_admin()
        try:
            if not may_log_in(link, old):
                raise RefusedError(
                    f"{old} has no login any more: its revocation has begun",
                    advice="Finish the rotation (`secops rotate apply --resume`), then rotate again.",
                )
            shut(link, role)
        finally:
            link.close()
        return (
            f"{role} has neither password nor login now (one that it had before is gone); {old} is untouched"
        )

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return self._doors.dies

    def _companions(self, role: str) -> dict[str, SecretValue]:
        """The name that has the user alone, with the next role: what a pooler wants behind it stays."""
        name = self._settings["user_name"]
        if not name:
            return {}
        now = self._surroundings.current(name)
        if now is None:
            raise ConfigError(
                f"{name}: `user_name` names it, and it has no value at hand",
                advice="Declare it with its source under `sync.environments`, in the same environment.",
            )
        text = now.reveal().decode("utf-8", "replace")
        behind = text.removeprefix(self._role)
        kept = behind if behind.startswith(".") and behind != text else ""
        return {name: SecretValue(f"{role}{kept}".encode())}

    def _require_roles(self, link: Link) -> str:
        current = self._role
        if logged_in_as(link) in {current, self._next}:
            raise RefusedError(
                "the administrator is one of the two roles: it would take its own login away",
                advice="Name another role that may set the passwords of both in `admin_url_env`.",
            )
        found = read_roles(link, (current, self._next))
        owner = require_twins(found, current, self._next, self._settings["owner"])
        if found[self._next].sessions:
            raise RefusedError(
                f"{self._next} is in use ({sessions_of(link, self._next)}): a new password would shut it out",
                advice=f"Move them to {current}, or rotate with a role that nobody uses.",
            )
        for role in found.values():
            tell_of_role(role, self._surroundings.tell)
        return owner


def _turn(credential: Credential, doors: DatabaseDoors) -> str:
    """The role whose turn it is. Raises ConfigError."""
    roles = credential.settings["roles"]
    if doors.dsn is None and not credential.settings["user_name"]:
        raise ConfigError(
            f"{credential.id}: two roles need a connection string, or `user_name`: the user changes, too",
            advice="A bare password alone is rotated with `mode: one-role`.",
        )
    if not roles or not credential.settings["admin_url_env"]:
        raise ConfigError(
            f"{credential.id}: two roles need `roles` and `admin_url_env`",
            advice="`mode: one-role` needs neither, but logins fail until the new value is everywhere.",
        )
    if doors.role not in roles:
        raise ConfigError(
            f"{credential.id}: its user is none of the roles {' and '.join(roles)}",
            advice="`roles` are the one that is used now and the one that is next.",
        )
    return str(roles[1] if roles[0] == doors.role else roles[0])
