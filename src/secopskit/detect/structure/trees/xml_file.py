"""XML settings: elements, attributes, key/value pairs; web.config, Maven, FileZilla and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import may_count
from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.detect.value.filters import looks_random
from secopskit.detect.witness import present
from secopskit.formats.setting import SettingForm
from secopskit.formats.trees import xml_file
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "xml-secret"
# Texts of a program: a word under the name of a secret is what a reader sees.
_CAPTIONS: Final = prepared(r"(?i)\.resx$|/strings[\w-]{0,20}\.xml$")
_BARREN: Final[set[bytes]] = set()
_DIGIT: Final = prepared(rb"\d")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in an XML file."""
    # A witness is told of what is not judged, too.
    settings = xml_file.settings(blob.data) if present() else xml_file.settings(blob.data, may_count, _BARREN)
    found = list(settings)
    if _CAPTIONS.search(blob.path):
        found = [one for one in found if _DIGIT.search(one.value) or looks_random(one.value)]
    commented = [setting for setting in found if setting.form is SettingForm.COMMENTED]
    live = [setting for setting in found if setting.form is not SettingForm.COMMENTED]
    yield from judge(live, place_for(blob.path, RULE, Trust.SETTINGS))
    # In a comment only what is clearly real counts: the rest explains the format.
    yield from judge(commented, SettingPlace(rule=RULE, trust=Trust.TEMPLATE))
