"""Calls in source code that are handed a login or a key by its position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import SecretCandidate
from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.value.filters import KeyKind
from secopskit.formats.code import calls
from secopskit.formats.setting import SettingForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match
    from secopskit.formats.setting import Setting

RULE: Final = "call-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in the arguments of well-known calls."""
    place = place_for(blob.path, RULE, Trust.CODE)
    yield from judge_candidates((_candidate(setting) for setting in calls.settings(blob.data)), place)


def _candidate(setting: Setting) -> SecretCandidate:
    is_password = setting.form is SettingForm.PASSWORD
    return SecretCandidate(
        key=setting.key,
        value=setting.value,
        span=setting.span,
        kind=KeyKind.PASSWORD if is_password else KeyKind.SECRET,
        note=f"{setting.key} handed to a call",
    )
