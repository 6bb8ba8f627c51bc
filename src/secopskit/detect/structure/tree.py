"""Documents of maps and lists, whatever their format: YAML and JSON are judged alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.mentions import is_described, is_elsewhere, is_mention
from secopskit.detect.structure.kubernetes import in_manifest
from secopskit.detect.value.filters import kind_of_several
from secopskit.formats import apart, tree_settings
from secopskit.formats.nodes import Mapping
from secopskit.formats.stacks import kubernetes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.detect.judgement.place import SettingPlace
    from secopskit.findings import Blob, Match
    from secopskit.formats.nodes import Node

NOT_SETTINGS: Final = frozenset({"translations", "encrypted", "encryptedData", "sops"})
"""Keys of maps whose texts are captions, or closed up by whoever wrote the file."""


def in_document(root: Node, blob: Blob, place: SettingPlace, without: frozenset[str]) -> Iterator[Match]:
    """The matches in a document of `blob`; keys in `without` that hold more than a text are left out."""
    if isinstance(root, Mapping) and is_described(root):
        return
    for manifest in kubernetes.secrets(root):
        yield from in_manifest(manifest, blob)
    branches = tree_settings.branches(root, without=without, leave=is_elsewhere)
    yield from judge(tree_settings.settings_in(branches), place, unless=is_mention)
    yield from judge(apart.settings_in(branches), place, unless=is_mention)
    lists = tree_settings.items_in(branches)
    yield from judge((item for item in lists if kind_of_several(item.key)), place)
