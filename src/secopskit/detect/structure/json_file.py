"""JSON settings, and the registry logins of Docker's client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import SecretCandidate, judge, judge_candidates
from secopskit.detect.structure.place import SettingPlace, Trust, place_for
from secopskit.detect.value.filters import KeyKind
from secopskit.formats import json_file
from secopskit.formats.setting import SettingForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "json-secret"
DOCKER_RULE: Final = "docker-auth"
_DOCKER: Final = re.compile(r"(?i)(?:^|/)\.docker(?:cfg|configjson)$|(?:^|/)\.docker/config\.json$")
_TEXTS: Final = re.compile(
    r"(?i)(?:^|/)(?:locales?|i18n|lang|langs|languages|translations?|messages|schemas?)/|(?:^|/)[a-z]{2}(?:[-_][a-z]{2})?\.json$"
    r"|openapi|swagger|schema\.json$"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a JSON file."""
    if _TEXTS.search(blob.path):
        return
    if _DOCKER.search(blob.path) or b'"auths"' in blob.data:
        place = SettingPlace(rule=DOCKER_RULE, trust=Trust.DEPLOYED)
        yield from judge_candidates(registry_logins(blob.data), place)
    yield from judge(json_file.settings(blob.data), place_for(blob.path, RULE, Trust.SETTINGS))


def registry_logins(data: bytes) -> Iterator[SecretCandidate]:
    """The logins of a Docker client configuration: passwords, and what is no `user:password`."""
    for login in json_file.registry_logins(data):
        if login.form is SettingForm.PASSWORD:
            kind, note = KeyKind.PASSWORD, f"registry login, decoded from {login.encoding}"
        else:
            kind, note = KeyKind.CREDENTIALS, ""
        yield SecretCandidate(login.key, login.value, login.span, kind, note=note)
