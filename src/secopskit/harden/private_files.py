"""Which files belong out of git: environment files, configurations with passwords, keys, dumps.

Judged by name and content. A template, a public certificate, the key of a test, or an environment file
in which nothing is secret stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Final

from secopskit.collect.value import ConfigValue
from secopskit.detect.name.keys import KeyKind, sensitive_key
from secopskit.detect.role import is_template, is_test
from secopskit.formats import dotenv, ini
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from secopskit.formats.setting import Setting
    from secopskit.harden.project import HardenProject

_DOTENV: Final = re.compile(r"(?:^|/)\.env(?:[._-][\w.-]{1,80})?$|(?:^|/)[\w-]{1,80}\.env$")
_CONFIGURATION: Final = re.compile(
    r"(?:^|/)(?:config|conf|etc)/[^/]{1,100}\.(?:conf|cfg|ini)$|(?:^|/)odoo[\w.-]{0,40}\.conf$"
)
_STORE: Final = re.compile(r"(?i)\.(?:p12|pfx|jks|keystore)$")
_KEY: Final = re.compile(r"(?i)\.(?:pem|key)$|(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$")
_DUMP: Final = re.compile(r"(?i)\.(?:dump|sql\.gz|pgdump)$|(?:^|/)(?:dump|backup)\.sql$|(?:^|/)dump\.rdb$")
# Everybody who builds an Android app signs the debug variant with this one, and its password is known.
_PUBLIC_STORES: Final = ("debug.keystore",)
_LOGIN: Final = re.compile(rb"://[^/\s:@]{0,200}:([^/\s@]{1,500})@")


class PrivateKind(Enum):
    """What a private file is."""

    ENVIRONMENT = "environment file"
    CONFIGURATION = "configuration with a password"
    KEY = "private key"
    DUMP = "database dump"


class PrivateFile(NamedTuple):
    """A file that should not be in git."""

    path: str
    kind: PrivateKind


def kind_of(path: str) -> PrivateKind | None:
    """What the name of a file says, None for all that may well be in git. Its content is not looked at."""
    if is_template(path):
        return None
    for pattern, kind in (
        (_DOTENV, PrivateKind.ENVIRONMENT),
        (_CONFIGURATION, PrivateKind.CONFIGURATION),
        (_KEY, PrivateKind.KEY),
        (_STORE, PrivateKind.KEY),
        (_DUMP, PrivateKind.DUMP),
    ):
        if pattern.search(path):
            return kind
    return None


class JudgedFiles(NamedTuple):
    """The files that should not be in git, and the paths of those that are named so and cannot be read."""

    private: tuple[PrivateFile, ...]
    unread: tuple[str, ...]


def judged(project: HardenProject, paths: Iterable[str]) -> JudgedFiles:
    """Which of `paths` should not be in git."""
    named = ((path, kind_of(path)) for path in sorted(paths))
    wanted = [PrivateFile(path, kind) for path, kind in named if kind is not None and not is_test(path)]
    verdicts = [(file, _is_private(project, file)) for file in wanted]
    return JudgedFiles(
        private=tuple(file for file, verdict in verdicts if verdict),
        unread=tuple(file.path for file, verdict in verdicts if verdict is None),
    )


def _is_private(project: HardenProject, file: PrivateFile) -> bool | None:
    """None where its content would tell, and cannot be read."""
    if file.kind is PrivateKind.DUMP:
        return True
    if file.kind is PrivateKind.KEY and _STORE.search(file.path):
        return file.path.rpartition("/")[2] not in _PUBLIC_STORES
    data = project.files.content(file.path)
    if data is None:
        return None
    if file.kind is PrivateKind.KEY:
        return b"PRIVATE KEY-----" in data
    return holds_secret(dotenv.settings(data) if file.kind is PrivateKind.ENVIRONMENT else ini.settings(data))


def holds_secret(settings: Iterable[Setting]) -> bool:
    """Whether a name that stands for a secret has a value that is one: no slot, no reference."""
    return any(_is_secret(sensitive_key(setting.key), setting.value) for setting in settings)


def _is_secret(kind: KeyKind | None, value: bytes) -> bool:
    if kind is None or kind is KeyKind.URL:
        login = _LOGIN.search(value)
        if login is None:
            return False
        value = login[1]
    written = ConfigValue(value)
    return (
        written.is_literal
        and not written.is_placeholder
        and value.lower() not in {b"false", b"true", b"none"}
    )
