"""Spaces keys: a new one with the old one's grants, then the old one is deleted.

The secret is in the answer that makes the key, and nowhere later; a lost one is deleted by its name,
which is in the journal, and made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from secopskit.errors import RefusedError, SecopsError
from secopskit.provider.digitalocean.account import listed, open_account, within
from secopskit.provider.digitalocean.s3 import AccessKey, bucket_path, status_for
from secopskit.provider.interface import (
    Credential,
    NewValue,
    Outline,
    RotationDraft,
    RotationPhase,
    Surroundings,
    VerificationError,
)
from secopskit.provider.vendor.making import made_name
from secopskit.provider.vendor.once import made_once
from secopskit.provider.vendor.pair import companion, old_id, pair_costs, pair_rewritten, pair_stand_in
from secopskit.provider.vendor.talk import VendorTalk
from secopskit.provider.vendor.waiting import patiently
from secopskit.secret import SecretValue

_KEYS: Final = "/v2/spaces/keys"
_SCOPES: Final = "spaces_key:read, spaces_key:create_credentials and spaces_key:delete"
_OK: Final = 200
_REFUSED: Final = 403


@dataclass(frozen=True, slots=True)
class SpacesKeyProvider:
    """The rotation of a Spaces key. The value is the secret; the id is a companion."""

    credential: Credential
    surroundings: Surroundings

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.DUAL

    @property
    def _settings(self) -> Mapping[str, Any]:
        return self.credential.settings

    def _account(self, *hidden: SecretValue) -> VendorTalk:
        return open_account(self._settings, self.surroundings, (*hidden, *self.dies()))

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        url = self._settings["spaces_url"]
        untried = "whether the key opens a bucket: `spaces_url` is not set, so only the API is asked"
        return Outline(
            create="make a Spaces key with the grants of the old one",
            verify=f"one signed request with it to {url}" if url else "look for it in the account's keys",
            revoke="delete the old key" + (", and see a request with it refused" if url else ""),
            strength="chosen by DigitalOcean",
            costs=pair_costs(self.credential),
            needs=(f"{self._settings['token_env']}: a token with the scopes {_SCOPES}",),
            unknown=("who still uses the old key: DigitalOcean does not say", *(() if url else (untried,))),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        old = old_id(self.credential, self.surroundings)
        if self._found(self._account(), old) is None:
            raise RefusedError(
                f"{self.credential.id}: the account has no Spaces key with the id of the old one",
                advice="Is this the token of the right team? A key that is gone is replaced by hand.",
            )
        return RotationDraft(memo={"name": made_name(self.surroundings.now()), "old": old})

    @staticmethod
    def _found(talk: VendorTalk, key_id: str) -> dict[str, Any] | None:
        """The key as the account lists it."""
        keys = listed(talk, _KEYS, "keys", doing="listing the Spaces keys")
        return next((key for key in keys if key.get("access_key") == key_id), None)

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`."""
        talk, name = self._account(), draft.memo["name"]
        old = self._found(talk, draft.memo["old"])
        if old is None:
            raise RefusedError(
                f"{self.credential.id}: the old key is gone, and its grants with it",
                advice="Make a key by hand.",
            )
        grants = [_grant(grant) for grant in old.get("grants") or ()]
        body = {"name": name, "grants": grants}

        def make() -> Any:
            return talk.ask("POST", _KEYS, doing="making a Spaces key", again=False, body=body)

        made = made_once(lambda: self._sweep(talk, name), make)
        secret, key_id = within(made, "key", "secret_key"), within(made, "key", "access_key")
        if not isinstance(secret, str) or not secret or not key_id:
            self._sweep(talk, name)
            raise SecopsError(
                "DigitalOcean made a key and does not show its secret: the key was deleted again",
                advice="The token needs the scope spaces_key:create_credentials.",
            )
        return NewValue(
            value=SecretValue(secret.encode()),
            memo={"id": str(key_id), "old": draft.memo["old"], "bucket": _bucket(grants)},
            companions=companion(self.credential, str(key_id)),
        )

    @staticmethod
    def _delete(talk: VendorTalk, key_id: str) -> None:
        talk.ask("DELETE", f"{_KEYS}/{key_id}", doing="deleting a Spaces key", missing=True)

    def _sweep(self, talk: VendorTalk, name: str) -> int:
        """Delete the keys of that name, which is ours alone; how many there were."""
        keys = listed(talk, _KEYS, "keys", doing="listing the Spaces keys")
        ours = [str(key["access_key"]) for key in keys if key.get("name") == name and key.get("access_key")]
        for key_id in ours:
            self._delete(talk, key_id)
        return len(ours)

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        if self._found(self._account(new.value), new.memo["id"]) is None:
            raise VerificationError(
                f"{self.credential.id}: the account does not list the new key",
                advice="Try again in a minute.",
            )
        if not self._settings["spaces_url"]:
            return "the account lists the new key; it was not tried at a bucket (`spaces_url` is not set)"
        self._require_works(new)
        return f"a signed request with the new key to {self._settings['spaces_url']} was accepted"

    def _require_works(self, new: NewValue) -> None:
        key = AccessKey(new.memo["id"], new.value)
        seen = list[int]()

        def works() -> bool:
            seen.append(self._status(key, new.memo["bucket"]))
            return seen[-1] == _OK

        if not patiently(works, self.surroundings, self._settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: the new key is not accepted by {self._settings['spaces_url']} "
                f"({seen[-1] or 'no answer'})",
                advice="Check `spaces_url`: is the bucket in this region? The old key was left as it is.",
            )

    def _status(self, key: AccessKey, bucket: str) -> int:
        return status_for(self._settings["spaces_url"], bucket_path(bucket), key, self.surroundings)

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`. The id, where it is read, is rewritten too."""
        ids = (new.memo["old"], new.memo["id"])
        return pair_rewritten(self.credential, value, new=new.value, ids=ids)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return pair_stand_in(self.credential, self.surroundings)

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. DigitalOcean does not say who uses a key."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`."""
        self.verify(new)
        talk, old = self._account(new.value), new.memo["old"]
        self._delete(talk, old)
        if self._found(talk, old) is not None:
            raise VerificationError(
                f"{self.credential.id}: the account still lists the old key", advice="Try again in a minute."
            )
        return f"the old key was deleted, and is not listed any more; {self._see_dead(new)}"

    def _see_dead(self, new: NewValue) -> str:
        if not self._settings["spaces_url"] or self.credential.old is None:
            return "it was not tried at a bucket"
        key = AccessKey(new.memo["old"], self.credential.old)

        def refused() -> bool:
            return self._status(key, new.memo["bucket"]) == _REFUSED

        if not patiently(refused, self.surroundings, self._settings["patience"]):
            raise VerificationError(
                f"{self.credential.id}: the old key is deleted, and not refused yet",
                advice="Try again in some minutes: how soon a key dies is not published.",
            )
        return "a signed request with it was refused"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`."""
        talk = self._account()
        if self._found(talk, draft.memo["old"]) is None:
            raise RefusedError(
                "the old key is gone, and cannot be brought back: the new one stays",
                advice="Go on with the rotation.",
            )
        count = self._sweep(talk, draft.memo["name"])
        return "the new key was deleted, the old one is listed" if count else "there was no new key to delete"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return (self.credential.old,) if self.credential.old is not None else ()


def _grant(grant: Mapping[str, Any]) -> dict[str, str]:
    return {"bucket": str(grant.get("bucket") or ""), "permission": str(grant.get("permission") or "")}


def _bucket(grants: list[dict[str, str]]) -> str:
    """A bucket that the key may read; empty where it may list all of them."""
    if any(grant["permission"] == "fullaccess" for grant in grants):
        return ""
    return next((grant["bucket"] for grant in grants if grant["bucket"]), "")
