"""Access keys of an IAM user: a second one is made, then the first is disabled, seen dead, and deleted.

A key has no name, so one that nobody has (the answer with its secret was lost) is known by this: it was
not there when the rotation began, and was never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from secopskit.errors import RefusedError
from secopskit.provider.aws.iam import AwsAccessKey, AwsIdentity, AwsRefusalError
from secopskit.provider.aws.user import MOST_KEYS, IamKey, IamUser
from secopskit.provider.interface import (
    Credential,
    NewValue,
    Outline,
    RotationDraft,
    RotationPhase,
    Surroundings,
    VerificationError,
)
from secopskit.provider.vendor.once import made_once
from secopskit.provider.vendor.pair import companion, old_id, pair_costs, pair_rewritten, pair_stand_in
from secopskit.provider.vendor.waiting import patiently
from secopskit.secret import SecretValue

_DEAD: Final = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied"})
_ACTIVE: Final = "Active"
_OURS: Final = timedelta(minutes=2)  # our own requests with the old key, by which the new one was made
_ACTIONS: Final = (
    "iam:ListAccessKeys, CreateAccessKey, UpdateAccessKey, DeleteAccessKey and GetAccessKeyLastUsed"
)


@dataclass(frozen=True, slots=True)
class AccessKeyProvider:
    """The rotation of an access key. The value is the secret; the id is a companion."""

    credential: Credential
    surroundings: Surroundings

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.DUAL

    @property
    def _settings(self) -> Mapping[str, Any]:
        return self.credential.settings

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        user = self._settings["user"]
        itself = "the key's own user" if self.credential.old else "whoever boto3 finds credentials of"
        who = f"the profile {self._settings['profile']}" if self._settings["profile"] else itself
        return Outline(
            create=f"make a second access key of {f'the IAM user {user}' if user else 'its IAM user'}",
            verify="ask STS who the new key is",
            revoke="disable the old key, see it refused by STS, and delete it",
            strength="chosen by AWS",
            costs=pair_costs(self.credential),
            needs=(f"for {who}: {_ACTIONS}",),
            unknown=("what the user may do with the key is not tried",),
        )

    # --- who asks

    def _as(self, key: AwsAccessKey | None) -> AwsIdentity:
        """Whoever rotates: the profile that is declared, else the key itself, else whom boto3 finds."""
        mine = None if self._settings["profile"] or self.credential.old is None else key
        return AwsIdentity(
            settings=self._settings, surroundings=self.surroundings, key=mine, hidden=self.dies()
        )

    def _user_as(self, key: AwsAccessKey | None, name: str) -> IamUser:
        return IamUser(self._as(key), name)

    def _old(self, key_id: str) -> AwsAccessKey | None:
        return AwsAccessKey(key_id, self.credential.old) if self.credential.old else None

    def _arn(self, key: AwsAccessKey) -> str:
        """Whose key it is, as STS says. Raises AwsRefusalError."""
        identity = AwsIdentity(settings=self._settings, surroundings=self.surroundings, key=key)
        return str(identity.ask("sts", "get_caller_identity")["Arn"])

    # --- the steps

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        old = self._old_id()
        user = self._user_as(self._old(old), self._user_name(old))
        known = user.access_keys()
        if old not in known:
            raise RefusedError(
                f"{self.credential.id}: the IAM user {user.name} has no access key with the old one's id",
                advice="Check `user` and `profile`. A key that is gone is replaced by hand.",
            )
        if len(known) >= MOST_KEYS:
            self._refuse_second(user, next(key for key in known.values() if key.id != old))
        since = datetime.fromtimestamp(self.surroundings.now(), UTC).isoformat()
        return RotationDraft(memo={"user": user.name, "old": old, "since": since})

    def _old_id(self) -> str:
        known = old_id(self.credential, self.surroundings)
        if known.startswith("ASIA"):
            raise RefusedError(
                f"{self.credential.id}: this key is a temporary one, which ends by itself",
                advice="Revoke the sessions of its role instead.",
            )
        return known

    def _user_name(self, old_id: str) -> str:
        """The IAM user whose key it is."""
        if self._settings["user"]:
            return str(self._settings["user"])
        old = self._old(old_id)
        if old is None:
            found = self._as(None).ask("iam", "get_access_key_last_used", AccessKeyId=old_id)
            return str(found.get("UserName") or "")
        arn = self._arn(old)
        if ":user/" not in arn:
            raise RefusedError(
                f"{self.credential.id}: the key is not one of an IAM user",
                advice="Keys of the root user are deleted by hand, and need no successor.",
            )
        return arn.rpartition("/")[2]

    def _refuse_second(self, user: IamUser, other: IamKey) -> None:
        used = user.last_used(other.id)
        when = f"last used at {used:%Y-%m-%d %H:%M} UTC" if used else "never used"
        raise RefusedError(
            f"{self.credential.id}: the user has a second access key already: {other.id}, "
            f"{other.status.lower()}, {when}",
            advice="AWS allows two. Delete the one that nobody uses, then rotate.",
        )

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`."""
        old, since = draft.memo["old"], datetime.fromisoformat(draft.memo["since"])
        user = self._user_as(self._old(old), draft.memo["user"])
        made = made_once(lambda: user.sweep(old, since), user.make_key)
        key_id = str(made["AccessKeyId"])
        return NewValue(
            value=SecretValue(str(made["SecretAccessKey"]).encode()),
            memo={"user": user.name, "old": old, "id": key_id, "created_at": made["CreateDate"].isoformat()},
            companions=companion(self.credential, key_id),
        )

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`. A new key is known everywhere after some seconds."""
        user = new.memo["user"]
        self._require_works(AwsAccessKey(new.memo["id"], new.value), user)
        return f"STS knows the new key as one of the user {user}; what it may do was not tried"

    def _require_works(self, key: AwsAccessKey, user: str) -> None:
        seen = list[str]()

        def known() -> bool:
            try:
                seen.append(self._arn(key))
            except AwsRefusalError as error:
                seen.append(error.code or "no answer")
            return seen[-1].endswith(f"/{user}")

        if not patiently(known, self.surroundings, self._settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: STS does not accept the access key {key.id}: {seen[-1]}",
                advice="Try again in a minute. The other key was left as it is.",
            )

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`. The id, where it is read, is rewritten too."""
        ids = (new.memo["old"], new.memo["id"])
        return pair_rewritten(self.credential, value, new=new.value, ids=ids)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return pair_stand_in(self.credential, self.surroundings)

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. AWS tells the last use of a key some minutes late."""
        key = AwsAccessKey(new.memo["id"], new.value)
        used = self._user_as(key, new.memo["user"]).last_used(new.memo["old"])
        if used is None or used <= datetime.fromisoformat(new.memo["created_at"]) + _OURS:
            return ""
        return f"the old access key was used at {used:%Y-%m-%d %H:%M} UTC, after the new one was made"

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`. The new key ends the old one, where no profile is declared."""
        old, key = new.memo["old"], AwsAccessKey(new.memo["id"], new.value)
        user = self._user_as(key, new.memo["user"])
        self._require_works(key, user.name)
        if old in user.access_keys():
            user.set_active(old, active=False)
        seen = self._see_dead(old)
        user.delete_key(old)
        return f"the old access key was disabled and deleted; {seen}"

    def _see_dead(self, old_id: str) -> str:
        old = self._old(old_id)
        if old is None:
            return "it was not tried, because its secret is not at hand"

        def refused() -> bool:
            try:
                self._arn(old)
            except AwsRefusalError as error:
                return error.code in _DEAD
            return False

        if not patiently(refused, self.surroundings, self._settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: STS still accepts the old access key",
                advice="It is disabled, and not deleted: try again in some minutes.",
            )
        return "STS refused it"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`. An old key that was disabled is enabled again; a deleted one is gone."""
        old, name = self._old(draft.memo["old"]), draft.memo["user"]
        first = AwsAccessKey(new.memo["id"], new.value) if new else old
        user, listed = self._by_either(first, old, name)
        key = listed.get(draft.memo["old"])
        if key is None:
            raise RefusedError(
                "the old access key is deleted, and cannot be brought back: the new one stays",
                advice="Go on with the rotation.",
            )
        if key.status != _ACTIVE:
            user.set_active(key.id, active=True)
        if old is not None:
            self._require_works(old, name)
        last = self._user_as(old or first, name)
        if new is not None:
            last.delete_key(new.memo["id"])
        elif not last.sweep(key.id, datetime.fromisoformat(draft.memo["since"])):
            return "there was no new key to delete"
        return "the new access key was deleted, the old one works"

    def _by_either(
        self, first: AwsAccessKey | None, old: AwsAccessKey | None, name: str
    ) -> tuple[IamUser, dict[str, IamKey]]:
        """The user and its keys, asked with the first key, or with the old one where that is dead."""
        user = self._user_as(first, name)
        try:
            return user, user.access_keys()
        except AwsRefusalError as error:
            if error.code not in _DEAD:
                raise
        user = self._user_as(old, name)
        return user, user.access_keys()

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return (self.credential.old,) if self.credential.old is not None else ()
