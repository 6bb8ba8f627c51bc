"""JSON settings, and the registry logins of Docker's client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.detect.structure.trees.document import NOT_SETTINGS, in_document
from secopskit.detect.structure.trees.registries import registry_logins
from secopskit.formats.trees.json_tree import documents
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "json-secret"
DOCKER_RULE: Final = "docker-auth"
_DOCKER: Final = prepared(r"(?i)(?:^|/)\.docker(?:cfg|configjson)$|(?:^|/)\.docker/config\.json$")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a JSON file."""
    if _DOCKER.search(blob.path) or b'"auths"' in blob.data:
        place = SettingPlace(rule=DOCKER_RULE, trust=Trust.DEPLOYED)
        yield from judge_candidates(registry_logins(blob.data), place)
    place = place_for(blob.path, RULE, Trust.SETTINGS)
    for root in documents(blob.data):
        yield from in_document(root, blob, place, NOT_SETTINGS)
