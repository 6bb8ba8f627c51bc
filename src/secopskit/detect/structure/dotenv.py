"""Dotenv files: their variables, and the file itself, which says no more than that it is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import candidate_of
from secopskit.detect.judgement.judge import judge, judge_candidates
from secopskit.detect.judgement.place import SettingPlace, Trust, place_for
from secopskit.findings import Match, Span
from secopskit.formats import dotenv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob

RULE: Final = "dotenv-secret"
FILE_RULE: Final = "dotenv-file"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a dotenv file, and the file itself unless it is a template."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    matches = [*judge(dotenv.settings(blob.data), place), *_commented_out(blob.data)]
    yield from matches
    if place.trust is not Trust.TEMPLATE and (first := dotenv.first_name(blob.data)):
        yield _file(first, matches)


def _commented_out(data: bytes) -> Iterator[Match]:
    """In a comment only what is clearly real counts: the rest explains the format."""
    candidates = (
        candidate_of(setting, note=f"key {setting.key[:60]}, commented out")
        for setting in dotenv.commented(data)
    )
    return judge_candidates(candidates, SettingPlace(rule=RULE, trust=Trust.TEMPLATE))


def _file(first: Span, matches: list[Match]) -> Match:
    """The file as such: a matter of order, since each of its secrets is a finding of its own."""
    note = "its secrets are findings of their own" if matches else "settings only"
    return Match(rule_id=FILE_RULE, span=first, secret=None, note=note)
