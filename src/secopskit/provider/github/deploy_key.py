"""Deploy keys of a GitHub repository: a new key pair beside the old one, then the old one is deleted.

The value is the private key as OpenSSH writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.github.errors import GitHubNotFoundError
from secopskit.provider.github.keypair import key_lines, made_key, public_half
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
from secopskit.provider.vendor.making import made_name
from secopskit.provider.vendor.once import may_be_done
from secopskit.secret import SecretValue

_PAT: Final = (
    "a deploy key made with a personal access token ends when that token is deleted, or the app's "
    "authorisation is revoked; one made with the token of a GitHub App stays"
)
_NEEDS: Final = "a token with the repository permission Administration (write)"


@dataclass(frozen=True, slots=True)
class DeployKeyProvider:
    """The rotation of a deploy key."""

    credential: Credential
    surroundings: Surroundings

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.DUAL

    @property
    def _path(self) -> str:
        repository = self.credential.settings["repository"]
        if not repository:
            raise ConfigError(
                f"{self.credential.id}: a deploy key needs the setting `repository`",
                advice="It is owner/name.",
            )
        return f"/repos/{repository}/keys"

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        return Outline(
            create=f"make an Ed25519 key pair and add its public half to {self._path.split('/keys')[0][7:]}",
            verify="look whether GitHub lists it, verified and enabled",
            revoke="delete the old deploy key, and see it gone",
            strength="Ed25519, 128 bits",
            costs=(_PAT,),
            needs=(_NEEDS,),
            unknown=("a login over SSH is not tried", "when the old key was last used: GitHub tells it late"),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        made, old = made_key(), self._old_key()
        memo = {
            "title": made_name(self.surroundings.now()),
            "old": str(old["id"]),
            "read_only": "yes" if old["read_only"] else "no",
        }
        return RotationDraft(value=made, memo=memo)

    def _listed(self) -> list[dict[str, Any]]:
        return [key for key in self.surroundings.github().listed(self._path) if isinstance(key, dict)]

    def _old_key(self) -> dict[str, Any]:
        """The old key as GitHub lists it. Raises ConfigError, RefusedError."""
        old, title = self.credential.old, self.credential.settings["title"]
        half = public_half(old) if old else ""
        keys = self._listed()
        found = [key for key in keys if (_half(key) == half if half else title and key.get("title") == title)]
        if len(found) == 1:
            return found[0]
        if not half:
            raise ConfigError(
                f"{self.credential.id}: neither the old key's public half nor its title is known",
                advice="Say with `title` which of the repository's deploy keys is the old one.",
            )
        raise RefusedError(
            f"{self.credential.id}: the repository has no deploy key with the public half of the old one",
            advice="Check `repository`: it may open another. A key that is deleted is replaced by hand.",
        )

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`. A key that is there already is not added again."""
        if draft.value is None:
            raise ValueError("the draft has no value: prepare chooses it")
        half = public_half(draft.value)
        made = self._of_half(half) or self._added(half, draft)
        memo = {"id": str(made["id"]), "created_at": str(made.get("created_at") or ""), **draft.memo}
        return NewValue(value=draft.value, memo=memo)

    def _of_half(self, half: str) -> dict[str, Any] | None:
        return next((key for key in self._listed() if _half(key) == half), None)

    def _added(self, half: str, draft: RotationDraft) -> dict[str, Any]:
        body = {"title": draft.memo["title"], "key": half, "read_only": draft.memo["read_only"] == "yes"}
        try:
            made = self.surroundings.github().send("POST", self._path, body).body
        except SecopsError as error:
            found = self._of_half(half) if may_be_done(error) else None
            if found is None:
                raise
            return found
        known: dict[str, Any] | None = (
            made if isinstance(made, dict) and "id" in made else self._of_half(half)
        )
        if known is None:
            raise SecopsError(
                f"{self.credential.id}: GitHub's answer names no deploy key",
                advice="Look into the repository's settings whether there is a new one, and delete it.",
            )
        return known

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        key = self._get(new.memo["id"])
        if key is None or _half(key) != public_half(new.value):
            raise VerificationError(
                f"{self.credential.id}: GitHub does not list the new deploy key",
                advice="Has somebody deleted it? The old one was left as it is.",
            )
        if key.get("enabled") is False or key.get("verified") is False:
            raise VerificationError(
                f"{self.credential.id}: GitHub lists the new deploy key as one that may not be used",
                advice="Does the organisation forbid deploy keys? The old one was left as it is.",
            )
        return "GitHub lists the new deploy key, verified; no login over SSH was tried"

    def _get(self, key_id: str) -> dict[str, Any] | None:
        try:
            found = self.surroundings.github().get(f"{self._path}/{key_id}")
        except GitHubNotFoundError:
            return None
        return found if isinstance(found, dict) else None

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`. Line ends may differ: sources and sinks treat them in many ways."""
        old = self.credential.old
        return new.value if old is not None and key_lines(value) == key_lines(old) else None

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`."""
        key = self._get(new.memo["old"])
        used, since = _moment(key.get("last_used") if key else None), _moment(new.memo["created_at"])
        if used is None or (since is not None and used <= since):
            return ""
        return f"the old deploy key was used at {used:%Y-%m-%d %H:%M} UTC, after the new one was made"

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`."""
        self.verify(new)
        old = new.memo["old"]
        with suppress(GitHubNotFoundError):  # deleted before
            self.surroundings.github().send("DELETE", f"{self._path}/{old}")
        if self._get(old) is not None:
            raise VerificationError(
                f"{self.credential.id}: GitHub still lists the old deploy key",
                advice="Try again in a minute.",
            )
        return "the old deploy key was deleted, and GitHub does not list it any more"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`."""
        old = draft.memo["old"]
        if self._get(old) is None:
            raise RefusedError(
                "the old deploy key is gone: the new one stays", advice="Go on with the rotation."
            )
        added = self._of_half(public_half(draft.value)) if draft.value else None
        if added is None:
            return "there was no new deploy key to delete"
        self.surroundings.github().send("DELETE", f"{self._path}/{added['id']}")
        return "the new deploy key was deleted, the old one is as it was"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return (self.credential.old,) if self.credential.old is not None else ()


def _half(key: Mapping[str, Any]) -> str:
    """The public half of a listed key, without the comment."""
    return " ".join(str(key.get("key") or "").split()[:2])


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
