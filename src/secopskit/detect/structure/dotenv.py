"""Dotenv files: their variables, and the file itself as a finding whose severity follows its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import HASH_RULE, WEAK_RULE, candidate_of, judge, judge_candidates
from secopskit.detect.structure.place import SettingPlace, Trust, place_for
from secopskit.findings import Confidence, Match, Severity, Span
from secopskit.formats import dotenv
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob

RULE: Final = "dotenv-secret"
FILE_RULE: Final = "dotenv-file"
# Formats that only their issuer gives out: a hit is real whatever the name of the variable.
_ISSUED: Final = LazyRegex(
    rb"(?:gh[pousr]_|github_pat_|glpat-|sk_live_|rk_live_|sk-(?:proj|ant|svcacct)-|xox[abprs]-|AKIA|ASIA|AIza|SG\.|npm_"
    rb"|shp(?:at|ca|pa|ss)_|dop_v1_|hf_|pypi-|sb_secret_|dckr_pat_|-----BEGIN [A-Z ]{0,20}PRIVATE KEY)"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a dotenv file, and the file itself unless it is a template."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    matches = [*judge(dotenv.settings(blob.data), place), *_commented_out(blob.data)]
    yield from matches
    if place.trust is not Trust.TEMPLATE and (first := dotenv.first_name(blob.data)):
        yield _file(blob.data, first, matches)


def _commented_out(data: bytes) -> Iterator[Match]:
    """In a comment only what is clearly real counts: the rest explains the format."""
    candidates = (
        candidate_of(setting, note=f"key {setting.key[:60]}, commented out")
        for setting in dotenv.commented(data)
    )
    return judge_candidates(candidates, SettingPlace(rule=RULE, trust=Trust.TEMPLATE))


def _file(data: bytes, first: Span, matches: list[Match]) -> Match:
    severity, note = Severity.LOW, "settings only"
    if matches:
        severity, note = Severity.HIGH, "holds weak passwords or likely secrets"
    sure = {match.rule_id for match in matches if match.confidence is Confidence.HIGH}
    if sure - {HASH_RULE, WEAK_RULE} or _ISSUED.search(data):
        severity, note = Severity.CRITICAL, "holds real secrets"
    return Match(rule_id=FILE_RULE, span=first, secret=None, severity=severity, note=note)
