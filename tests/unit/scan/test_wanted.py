"""Which files are looked at for their names: those whose signs and names call for the same detector."""

from __future__ import annotations

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from support.cli import rules_cache

SETTINGS = b'"password": "x", kind\n'
FOR_NAMES = "kubernetes-bootstrap-token-secret"


@pytest.fixture(scope="module")
def detectors() -> Detectors:
    return Detectors.open(DetectorOptions(cache=str(rules_cache())))


def numbers(detectors: Detectors, data: bytes) -> set[int]:
    return {number for number, _ in detectors.ruleset.prefilter.scan(data)}


@pytest.mark.parametrize(
    "path", ["src/i18n/de_DE.json", "locales/de.yml", "a/values-de/strings.xml", "lang/a.ini"]
)
def test_texts_for_readers_are_no_settings(detectors: Detectors, path: str) -> None:
    signs = detectors.signs_among(numbers(detectors, SETTINGS))
    settings = path.replace("i18n/de_DE", "app/config").replace("locales/de", "app").replace("values-de", "a")
    assert signs
    assert not detectors.wants(path, signs)
    assert detectors.wants(settings.replace("lang/", ""), signs)


def test_what_is_no_setting_is_wanted_whatever_it_is_for() -> None:
    paths = ["src/i18n/de_DE.json", "locales/de.yml"]
    assert [any(row.wants(path) for row in DETECTORS if not row.is_format) for path in paths] == [True, True]


def test_a_name_counts_for_a_rule_only_where_the_rule_has_a_sign(detectors: Detectors) -> None:
    ruleset = detectors.ruleset
    rule = next(number for number in ruleset.numbers_with_path if ruleset[number].id == FOR_NAMES)
    hint, encoded = ruleset.anchors.hint, ruleset.anchors.encoded
    assert detectors.wants("locales/de.yml", detectors.signs_among({rule}))
    assert not detectors.wants("main.c", detectors.signs_among({rule}))
    assert not detectors.wants("locales/de.yml", detectors.signs_among({hint}))
    assert detectors.wants("locales/de.yml", detectors.signs_among({hint, encoded}))  # it may be of the rule
    assert not detectors.signs_among({encoded})
    assert detectors.wants("locales/de.yml")  # whatever may stand in it
