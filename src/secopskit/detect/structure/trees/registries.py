"""Logins of container registries, as Docker's client keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.detect.judgement.candidate import SecretCandidate
from secopskit.detect.value.filters import KeyKind
from secopskit.formats.setting import SettingForm
from secopskit.formats.trees import json_file

if TYPE_CHECKING:
    from collections.abc import Iterator


def registry_logins(data: bytes) -> Iterator[SecretCandidate]:
    """The logins of a Docker client configuration: passwords, and what is no `user:password`."""
    for login in json_file.registry_logins(data):
        if login.form is SettingForm.PASSWORD:
            kind, note = KeyKind.PASSWORD, f"registry login, decoded from {login.encoding}"
        else:
            kind, note = KeyKind.CREDENTIALS, ""
        yield SecretCandidate(login.key, login.value, login.span, kind, note=note)
