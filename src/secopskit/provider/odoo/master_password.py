"""Odoo's master password: its hash in the configuration file. No server is called and no database touched."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import Final

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
from secopskit.provider.odoo.conf_file import DEFAULT, KEY, OdooConfig, replace_config
from secopskit.provider.odoo.pbkdf2 import ROUNDS, SALT_BYTES, is_hash, opens, pbkdf2_hash
from secopskit.secret import SecretValue
from secopskit.state.private import private_directory, replace_whole, sweep_scratch

_BYTES: Final = 32
_IGNORE: Final = ".gitignore"
_RESTART: Final = "a running Odoo goes on with the old one until it is restarted: restart it"


class MasterPassword:
    """The rotation of the master password. Odoo reads the file when it starts."""

    def __init__(self, credential: Credential, old: SecretValue, surroundings: Surroundings) -> None:
        config = os.path.join(surroundings.base, credential.settings["config"])
        self._config = os.path.realpath(config)
        self._old = old
        self._surroundings = surroundings

    @property
    def phase(self) -> RotationPhase:
        """See `Provider.phase`."""
        return RotationPhase.SINGLE

    def outline(self) -> Outline:
        """See `Provider.outline`."""
        base = os.path.realpath(self._surroundings.base)
        return Outline(
            create=f"writes the hash of a new password (PBKDF2-SHA-512, {ROUNDS:,} rounds) as {KEY} into "
            f"{self._config}; the old line is kept beside it, in {os.path.basename(self._kept_in)}/ "
            "(0700, ignored by git), until the old password is revoked",
            verify="compares the hash in the file; neither a server nor its database manager is asked",
            revoke="looks that the file does not take the old password, and removes the kept line",
            strength=f"{_BYTES * 8} bits, URL-safe",
            costs=(
                f"{_RESTART}; after that, scripts that manage databases fail until they have the new value",
            ),
            needs=("the old value, which must be the one in the file", "the right to replace the file"),
            edits=tuple(os.path.relpath(path, base) for path in (self._config, self._kept)),
            unknown=(
                "whether Odoo has been restarted, or was started with another file",
                "a master password changed in Odoo's database manager rewrites this file",
            ),
        )

    def prepare(self) -> RotationDraft:
        """See `Provider.prepare`."""
        found = OdooConfig.read(self._config)
        if not self._is_old(found):
            raise RefusedError(
                f"{found.place}: the value until now is not the master password of this file",
                advice="Is `config` the file of the same server?",
            )
        if found.stored == DEFAULT:
            self._surroundings.tell.note("the master password is Odoo's own default")
        salt = secrets.token_hex(SALT_BYTES)
        found.with_password(_hash(self._old, salt))
        if not os.access(os.path.dirname(self._config), os.W_OK):
            raise SecopsError(
                f"{self._config}: its directory cannot be written to", advice="Run as the owner, or as root."
            )
        value = SecretValue(secrets.token_urlsafe(_BYTES).encode())
        return RotationDraft(value=value, memo={"salt": salt, "config": self._config})

    def create(self, draft: RotationDraft) -> NewValue:
        """See `Provider.create`. The old line is safe before the new one takes its place."""
        if draft.value is None:
            raise ConfigError("the plan of this rotation has no new value", advice="Plan it anew.")
        found = OdooConfig.read(self._config)
        stored = _hash(draft.value, draft.memo["salt"])
        if found.stored != stored:
            if not self._is_old(found):
                raise RefusedError(
                    f"{found.place}: the master password has been changed by somebody else",
                    advice="Plan the rotation anew.",
                )
            self._keep(found.entry)
            replace_config(self._config, found.with_password(stored), scratch_in=self._kept_in)
        return NewValue(value=draft.value, memo=draft.memo)

    def verify(self, new: NewValue) -> str:
        """See `Provider.verify`."""
        found = OdooConfig.read(self._config)
        if not opens(found.stored, new.value):
            raise VerificationError(
                f"{found.place}: the hash is not that of the new password",
                advice="Has Odoo's database manager written the file since?",
            )
        return f"the hash at {found.place} is that of the new password; {_RESTART}"

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """See `Provider.rewrite`."""
        return exchange_whole(value, self._old, new.value)

    def stand_in(self) -> NewValue:
        """See `Provider.stand_in`."""
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        """See `Provider.in_use`. A running Odoo cannot be seen from its file."""
        return ""

    def revoke(self, new: NewValue) -> str:
        """See `Provider.revoke`."""
        found = OdooConfig.read(self._config)
        if self._is_old(found):
            raise VerificationError(
                f"{found.place}: the old master password is back",
                advice="Has Odoo written the file? Change it again, then restart Odoo.",
            )
        self._forget()
        return f"{found.place} does not take the old password; {_RESTART}. Odoo itself was not asked"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """See `Provider.rollback`. Nothing but the entry goes back to what it was."""
        found = OdooConfig.read(self._config)
        if not self._is_old(found):
            if draft.value is None or found.stored != _hash(draft.value, draft.memo["salt"]):
                raise RefusedError(
                    f"{found.place}: the master password has been changed by somebody else",
                    advice="Look into the file.",
                )
            self._hide()
            replace_config(self._config, self._restored(found), scratch_in=self._kept_in)
        self._forget()
        return f"{found.place} is as it was; restart Odoo if it has been restarted since"

    def dies(self) -> tuple[SecretValue, ...]:
        """See `Provider.dies`."""
        return (self._old,)

    @property
    def _kept(self) -> str:
        """The file that has the old line until it is not needed any more."""
        return os.path.join(self._kept_in, "line")

    @property
    def _kept_in(self) -> str:
        """Its directory, which hides itself from git: the line may hold a password."""
        place, name = os.path.split(self._config)
        return os.path.join(place, f".{name}.secops-old")

    def _hide(self) -> None:
        """Make the directory of what nobody else is to see. Raises SecopsError."""
        try:
            private_directory(self._kept_in)
            replace_whole(os.path.join(self._kept_in, _IGNORE), b"*\n")
        except OSError as error:
            raise SecopsError(
                f"{self._kept_in}: cannot be made: {error.strerror}", advice="Check the directory's mode."
            ) from None

    def _keep(self, entry: str) -> None:
        self._hide()
        try:
            replace_whole(self._kept, entry.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise SecopsError(
                f"{self._kept}: cannot be written: {error.strerror}", advice="Check the directory's mode."
            ) from None

    def _forget(self) -> None:
        """Remove the line first and what hides it last."""
        sweep_scratch(self._kept_in)
        for path in (self._kept, os.path.join(self._kept_in, _IGNORE)):
            with suppress(FileNotFoundError):
                os.unlink(path)
        with suppress(OSError):  # not there, or somebody has put something there
            os.rmdir(self._kept_in)

    def _restored(self, found: OdooConfig) -> str:
        """The file with its old line, or with a hash of the old password where that has been removed."""
        try:
            with open(self._kept, encoding="utf-8", errors="surrogateescape", newline="") as file:
                return found.with_entry(file.read())
        except OSError:
            known = self._old.reveal().decode(errors="replace")
            hashed = is_hash(known)
            return found.with_password(known if hashed else _hash(self._old, secrets.token_hex(SALT_BYTES)))

    def _is_old(self, found: OdooConfig) -> bool:
        """Whether the file has the old password; the value at hand may be no more than its hash."""
        same = found.stored.encode("utf-8", "surrogateescape") == self._old.reveal()
        return same or opens(found.stored, self._old)


def _hash(password: SecretValue, salt: str) -> str:
    return pbkdf2_hash(password, salt=bytes.fromhex(salt))
