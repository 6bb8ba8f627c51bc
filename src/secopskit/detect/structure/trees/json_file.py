"""JSON settings, and the registry logins of Docker's client."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.detect.structure.trees.document import NOT_SETTINGS, in_documents, in_versions
from secopskit.detect.structure.trees.registries import registry_logins
from secopskit.formats.trees.json_versions import JsonVersions
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secopskit.findings import Blob, Match

_VERSIONS: Final = JsonVersions()
RULE: Final = "json-secret"
DOCKER_RULE: Final = "docker-auth"
_DOCKER: Final = prepared(r"(?i)(?:^|/)\.docker(?:cfg|configjson)$|(?:^|/)\.docker/config\.json$")


def detect(blob: Blob, ends: Sequence[int] | None = None) -> Iterator[Match]:
    """The matches in a JSON file; with `ends`, those of its signs, what is far from them is not read."""
    return in_versions(_VERSIONS, partial(_matches, blob, ends))


def _matches(blob: Blob, ends: Sequence[int] | None, *, in_place: bool) -> Iterator[Match]:
    if _DOCKER.search(blob.path) or b'"auths"' in blob.data:
        docker = SettingPlace(rule=DOCKER_RULE, trust=Trust.DEPLOYED)
        yield from judge_candidates(registry_logins(blob.data), docker)
    place = place_for(blob.path, RULE, Trust.SETTINGS)
    roots = _VERSIONS.documents(blob.path, blob.data, in_place=in_place, ends=ends)
    yield from in_documents(roots, blob, place, NOT_SETTINGS)
